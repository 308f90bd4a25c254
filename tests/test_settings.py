from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from storj_monitor.errors import OperatorError
from storj_monitor.settings import BrandSettings, Cost, Price, Settings, load


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
    assert settings.database == Path.cwd() / "storj-monitor.db"
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
    assert settings.plugins.directory == Path.cwd() / "plugins"
    assert settings.plugins.prefer == {"format": {"csv": "their-distribution"}}
    assert (settings.exports.max_days, settings.exports.stall_seconds) == (7, 5.0)
    assert settings.web.allowed_hosts == ("storj.example",)


@pytest.mark.parametrize("given", ["127.0.0.1", "10.0.0.0/8", "::1", "2001:db8::/32"])
def test_a_trusted_proxy_is_an_address_or_a_network(config: Path, given: str) -> None:
    config.write_text(f'[web]\ntrusted_proxies = ["{given}"]\n', encoding="utf-8")
    assert load(config, {}).web.trusted_proxies == (given,)


@pytest.mark.parametrize("given", ["proxy.lan", "10.0.0.1/8", "10.0.0.0/33", ""])
def test_a_trusted_proxy_that_is_neither_is_refused(config: Path, given: str) -> None:
    config.write_text(f'[web]\ntrusted_proxies = ["::1", "{given}"]\n', encoding="utf-8")
    assert refusal_of(config).reason == (
        f"the settings in {config} can't be used: {given!r} under trusted_proxies is no address "
        "or network such as 172.18.0.0/16 - at `$.web`"
    )


def test_a_token_and_a_file_for_it_are_not_given_together(config: Path) -> None:
    config.write_text('[web]\ntoken_file = "/run/secrets/token"\n', encoding="utf-8")
    assert load(config, {}).web.token_file == Path("/run/secrets/token")
    refused = refusal_of(config, {"STORJ_MONITOR_TOKEN": "secret"})
    assert "both a token and a token_file are given: leave one of them out" in refused.reason
    assert "an empty variable is none" in refused.reason
    assert "secret" not in refused.reason.replace("/run/secrets", "")
    both = {"STORJ_MONITOR_TOKEN": "mine", "STORJ_MONITOR_TOKEN_FILE": ""}
    assert load(None, both).web.token == "mine"


def test_thresholds_of_alerts_are_settings(config: Path) -> None:
    config.write_text("[alerts]\naudit_warning = 0.999\npayout_usd = 1.25\n", encoding="utf-8")
    alerts = load(config, {}).alerts
    assert (alerts.audit_warning, alerts.audit_critical) == (0.999, 0.98)
    assert alerts.payout_usd == Decimal("1.25")


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
    assert settings.database == Path.cwd() / "b.db"
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
        ("[alerts]\nonline_warning = 95", "Expected `float` <= 1.0 - at `$.alerts.online_warning`"),
        ("[alerts]\nevery_seconds = 0", "Expected `float` >= 1.0 - at `$.alerts.every_seconds`"),
        ("[alerts]\nsilent = 60", "Object contains unknown field `silent` - at `$.alerts`"),
        (
            "[alerts]\naudit_warning = 0.97",
            "audit_critical must not be above audit_warning - at `$.alerts`",
        ),
        (
            "[alerts]\ndisk_critical = 0.5",
            "disk_warning must not be above disk_critical - at `$.alerts`",
        ),
        (
            "[alerts]\nfull_warning_days = 5",
            "full_critical_days must not be above full_warning_days - at `$.alerts`",
        ),
        (
            "[alerts]\nlatency_warning_ms = 20000",
            "latency_warning_ms must not be above latency_critical_ms - at `$.alerts`",
        ),
        (
            "[alerts]\npayout_usd = -1",
            "-1 USD is not from 0 to 1,000,000 USD - at `$.alerts`",
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


def test_prices_and_costs_are_read_as_exact_decimals(config: Path) -> None:
    config.write_text(
        "[[money.prices]]\nfrom = 2027-01-01\n"
        'storage = 1.30\negress = 1\nrepair = "0.95"\naudit = 0.1\nsatellite = "us1"\n'
        '[[money.costs]]\nnode = "attic"\nmonthly = 4.1\n'
        '[[money.costs]]\nnode = "attic"\nfrom = "2026-05"\nonce = 129.99\n',
        encoding="utf-8",
    )
    money = load(config, {}).money
    assert money.prices == (
        Price(
            from_=date(2027, 1, 1),
            storage=Decimal("1.3"),
            egress=Decimal(1),
            repair=Decimal("0.95"),
            audit=Decimal("0.1"),
            satellite="us1",
        ),
    )
    assert money.costs == (
        Cost(node="attic", monthly=Decimal("4.1")),
        Cost(node="attic", from_="2026-05", once=Decimal("129.99")),
    )


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        ("monthly = -1", "-1 USD is not from 0 to 1,000,000 USD"),
        ("monthly = 1000000.01", "1000000.01 USD is not from 0 to 1,000,000 USD"),
        ("once = 5", "once needs its month: from = 2026-10"),
        ("once = nan", "NaN USD is not from 0 to 1,000,000 USD"),
        ("once = inf", "Infinity USD is not from 0 to 1,000,000 USD"),
        ("once = 0.0000001", "1E-7 USD has more than six decimals"),
        ('from = "2026-13"', "from = '2026-13' is no month such as 2026-10"),
        ('from = "2026-1"', "from = '2026-1' is no month such as 2026-10"),
    ],
)
def test_an_amount_or_month_that_can_not_be_used_says_what_would_be(
    config: Path, cost: str, said: str
) -> None:
    config.write_text(f'[[money.costs]]\nnode = "attic"\n{cost}\n', encoding="utf-8")
    reason = refusal_of(config).reason
    assert reason == f"the settings in {config} can't be used: {said} - at `$.money.costs[0]`"


def test_a_brand_is_a_name_and_a_picture(config: Path) -> None:
    config.write_text('[brand]\nname = "Attic & Co"\nlogo = "logo.png"\n', encoding="utf-8")
    assert load(config, {}).brand == BrandSettings(name="Attic & Co", logo=Path.cwd() / "logo.png")
    config.write_text(f'[brand]\nname = "{"x" * 201}"\n', encoding="utf-8")
    assert "Expected `str` of length <= 200 - at `$.brand.name`" in refusal_of(config).reason


def test_two_monthly_costs_of_a_node_from_one_month_on_are_refused(config: Path) -> None:
    entry = '[[money.costs]]\nnode = "attic"\nmonthly = 4\n'
    config.write_text(entry + entry, encoding="utf-8")
    assert refusal_of(config).reason == (
        f"the settings in {config} can't be used: costs of attic have two that are monthly from "
        "1970-01 on: give one - at `$.money`"
    )
