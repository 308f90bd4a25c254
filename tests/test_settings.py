from __future__ import annotations

from pathlib import Path

import pytest

from storj_monitor.errors import OperatorError
from storj_monitor.settings import Settings, load


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "storj.toml"


def refusal_of(config: Path | None, environment: dict[str, str] | None = None) -> OperatorError:
    with pytest.raises(OperatorError) as refusal:
        load(config, environment or {})
    return refusal.value


def test_without_a_file_there_are_defaults() -> None:
    settings = load(None, {})
    assert settings == Settings(exports=settings.exports)
    assert settings.database == Path("storj-monitor.db")
    assert (settings.exports.max_days, settings.exports.queue) == (31, 16)
    assert settings.exports.stall_seconds == 60
    assert settings.exports.workers >= 1
    assert (settings.web.token, settings.web.allowed_hosts) == ("", ())
    assert (settings.plugins.block, settings.plugins.filter) == ((), "")


def test_a_file_sets_what_it_names(config: Path) -> None:
    config.write_text(
        'database = "/srv/storj.db"\n'
        '[plugins]\nblock = ["bad"]\ndirectory = "plugins"\n'
        '[plugins.prefer.format]\ncsv = "their-distribution"\n'
        "[exports]\nmax_days = 7\nstall_seconds = 5\n"
        '[web]\nallowed_hosts = ["storj.example"]\n',
        encoding="utf-8",
    )
    settings = load(config, {})
    assert settings.database == Path("/srv/storj.db")
    assert settings.plugins.block == ("bad",)
    assert settings.plugins.directory == Path("plugins")
    assert settings.plugins.prefer == {"format": {"csv": "their-distribution"}}
    assert (settings.exports.max_days, settings.exports.stall_seconds) == (7, 5.0)
    assert settings.web.allowed_hosts == ("storj.example",)


def test_the_environment_has_the_last_word_and_an_empty_one_none(config: Path) -> None:
    config.write_text('database = "a.db"\n[web]\ntoken = "one"\n', encoding="utf-8")
    settings = load(
        config,
        {
            "STORJ_MONITOR_DATABASE": "b.db",
            "STORJ_MONITOR_TOKEN": "",
            "STORJ_MONITOR_PLUGIN_FILTER": "none",
        },
    )
    assert settings.database == Path("b.db")
    assert settings.web.token == "one"
    assert settings.plugins.filter == "none"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("database = 3", "Expected a path, got 3 - at `$.database`"),
        ('database = ""', "Expected a path, got '' - at `$.database`"),
        ("plugins = 3", "Expected `object`, got `int` - at `$.plugins`"),
        ("[plugins]\ndirectory = true", "Expected a path, got True - at `$.plugins.directory`"),
        ('[plugins]\nblock = "a"', "Expected `array`, got `str` - at `$.plugins.block`"),
        ("[exports]\nmax_days = 0", "Expected `int` >= 1 - at `$.exports.max_days`"),
        ("[exports]\nmax_days = 99999", "Expected `int` <= 36600 - at `$.exports.max_days`"),
        ("[exports]\nmax_days = true", "Expected `int`, got `bool` - at `$.exports.max_days`"),
        ("[exports]\nworkers = 0", "Expected `int` >= 1 - at `$.exports.workers`"),
        (
            "[exports]\nstall_seconds = inf",
            "Expected `float` <= 86400.0 - at `$.exports.stall_seconds`",
        ),
        (
            "[exports]\nstall_seconds = nan",
            "Expected `float` > 0.0 - at `$.exports.stall_seconds`",
        ),
        ("colour = 1", "Object contains unknown field `colour`"),
        ("[web]\ncolour = 1", "Object contains unknown field `colour` - at `$.web`"),
    ],
)
def test_a_setting_that_can_not_be_used_is_named_with_its_file(
    config: Path, text: str, said: str
) -> None:
    config.write_text(text, encoding="utf-8")
    refusal = refusal_of(config, {"STORJ_MONITOR_PLUGIN_FILTER": "none"})
    assert refusal.reason == f"the settings in {config} can't be used: {said}"
    assert refusal.hint == "README.md lists the settings and their defaults."


@pytest.mark.parametrize("content", [b"max_days 7", b"a = 1\na = 2", b"\xff\xfe", b"\xff\xd8\xff"])
def test_a_file_that_is_no_toml_says_so(config: Path, content: bytes) -> None:
    config.write_bytes(content)
    refusal = refusal_of(config)
    assert refusal.reason.startswith(f"the settings file {config} is no TOML: ")
    assert refusal.hint == "https://toml.io shows the form."


def test_a_file_that_can_not_be_read_says_why(config: Path, tmp_path: Path) -> None:
    refusal = refusal_of(config)
    assert refusal.reason == f"the settings file {config} can't be read: No such file or directory"
    assert refusal.hint == "Check the path given as --config."
    assert refusal_of(tmp_path).reason == (
        f"the settings file {tmp_path} can't be read: Is a directory"
    )
