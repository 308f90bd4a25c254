"""The documents say what the program does: commands, settings, hooks, and the guide's plugin."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import msgspec
import pytest

from storj_monitor import plugin, testing
from storj_monitor.cli.app import app
from storj_monitor.cli.plugin import plugin as plugin_commands
from storj_monitor.plugin import hooks
from storj_monitor.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
HOOKS = [name for name in vars(hooks) if name.startswith("storj_")]
DESCRIPTORS = [plugin.Source, plugin.Format, plugin.Report, plugin.Channel]
#: What is the kit's own: an author has no reason to say it.
_MADE_BY_THE_KIT = {"kind", "offered", "stores", "databases_in"}
#: The plugins of the guide, in its order: a format, a source, a report and a channel.
SHOWN = ["psv", "hours", "downloads", "folder"]
FUNCTIONS = [
    (plugin.Source, "rows"),
    (plugin.Source, "batches"),
    (plugin.Format, "render"),
    (plugin.Report, "build"),
    (plugin.Channel, "send"),
]


def test_the_plugins_of_the_guide_are_those_that_are_installed_in_the_tests() -> None:
    examples = ROOT / "tests" / "example_plugins"
    files = [examples / f"storj-{name}" / f"storj_{name}.py" for name in SHOWN]

    shown = re.findall(r"```python\n(.*?)```", CONTRIBUTING, re.DOTALL)

    assert shown == [path.read_text(encoding="utf-8") for path in files]


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_a_heading_and_shown_with_its_exact_signature(name: str) -> None:
    signature = inspect.signature(getattr(hooks, name))
    arguments = ", ".join(signature.parameters)
    exact = str(signature).replace("'", "")

    assert f"\n### {name}({arguments})\n\n    def {name}{exact}\n" in CONTRIBUTING


@pytest.mark.parametrize(("descriptor", "name"), FUNCTIONS)
def test_every_function_of_a_descriptor_is_shown_with_its_types(
    descriptor: type, name: str
) -> None:
    (shown,) = re.findall(rf"^    {name}\((.*)\) -> (.*)$", CONTRIBUTING, re.MULTILINE)

    arguments, returned = shown
    types = re.sub(r"\w+: ", "", arguments)
    declared = inspect.get_annotations(descriptor)[name].removesuffix(" | None")
    assert declared == f"Callable[[{types}], {returned}]"


def test_the_promise_to_authors_names_the_version_that_holds() -> None:
    assert f"`API_VERSION` is {plugin.API_VERSION}." in CONTRIBUTING
    assert f"`STORJ_PLUGIN_API = {plugin.API_VERSION}`" in CONTRIBUTING


def test_every_class_of_the_kit_is_named() -> None:
    kit = [name for name in testing.__all__ if name.endswith("Conformance")]

    assert len(kit) == len(DESCRIPTORS)
    assert all(name in CONTRIBUTING for name in kit)


def test_all_that_a_class_of_the_kit_may_say_is_in_the_guide() -> None:
    guide = CONTRIBUTING.partition("## Test it with the kit")[2].partition("\n## ")[0]
    kit = [getattr(testing, name) for name in testing.__all__ if name.endswith("Conformance")]
    said = {
        name
        for base in kit
        for name in dir(base)
        if not name.startswith(("_", "test_")) and name not in _MADE_BY_THE_KIT
    }

    assert said == {"plugin", "name"} | set(
        re.findall(r"^\|.*\| `(?:def )?(\w+)", guide, re.MULTILINE)
    )


@pytest.mark.parametrize("descriptor", DESCRIPTORS)
def test_every_descriptor_is_shown_with_its_fields(descriptor: type) -> None:
    (shown,) = re.findall(rf"^    {descriptor.__name__}\((.*)\)$", CONTRIBUTING, re.MULTILINE)

    named = [part.partition("=")[0].strip() for part in shown.split(", ")]
    assert named == list(inspect.signature(descriptor).parameters)


@pytest.mark.parametrize(
    "command", [*app.commands, *(f"plugin {name}" for name in plugin_commands.commands)]
)
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"storj-monitor {command}" in README


def test_every_setting_is_in_the_readme() -> None:
    for section in msgspec.structs.fields(Settings):
        fields = getattr(section.type, "__struct_fields__", ())
        for name in fields:
            shown = rf"^    {name} = |\[{section.name}\.{name}[\].]|_{name.upper()}="
            assert re.search(shown, README, re.MULTILINE), name
        assert section.name in README


def test_the_map_names_every_package() -> None:
    for package in (ROOT / "storj_monitor").iterdir():
        if package.is_dir() and not package.name.startswith("__"):
            assert f"      {package.name}/" in CONTRIBUTING


def test_nothing_speaks_of_the_machine_it_was_written_on() -> None:
    for path in [*ROOT.glob("*.md"), *ROOT.glob("storj_*/**/*.py"), *ROOT.glob("tests/**/*.py")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"/wor[k]/|\.\./share[d]", text), path
