"""Which plugins are let in, and what those that are not are told."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.registry.conftest import formats

if TYPE_CHECKING:
    from tests.registry.conftest import Shelf

UNMARKED = """
def storj_formats():
    return []
"""
HOOKS = (
    "The hooks are storj_sources(), storj_formats(), storj_reports(), storj_channels(), "
    "storj_export_finished(outcome)."
)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        pytest.param(
            "this is no Python",
            "admit: importing 'bad_psv' failed: SyntaxError: invalid syntax (bad_psv.py, line 6). "
            "Update or uninstall bad.",
            id="a syntax error",
        ),
        pytest.param(
            "raise ValueError('two\\n   lines.')",
            "admit: importing 'bad_psv' failed: ValueError: two lines. Update or uninstall bad.",
            id="an exception, in one line",
        ),
        pytest.param(
            "raise ValueError",
            "admit: importing 'bad_psv' failed: ValueError. Update or uninstall bad.",
            id="an exception without words",
        ),
        pytest.param(
            "class Sly(Exception):\n    def __str__(self): raise RuntimeError\nraise Sly",
            "admit: importing 'bad_psv' failed: Sly. Update or uninstall bad.",
            id="an exception that can't be spelt",
        ),
        pytest.param(
            "import storj_missing_piece",
            "admit: importing 'bad_psv' failed: ModuleNotFoundError: "
            "No module named 'storj_missing_piece'. "
            "It needs the module 'storj_missing_piece': install that beside storj-monitor.",
            id="a missing dependency",
        ),
        pytest.param(
            "raise ModuleNotFoundError('no such thing')",
            "admit: importing 'bad_psv' failed: ModuleNotFoundError: no such thing. "
            "Update or uninstall bad.",
            id="a missing module without a name",
        ),
        pytest.param(
            "import sys; sys.exit(3)",
            "admit: importing 'bad_psv' failed: SystemExit: 3. Update or uninstall bad.",
            id="sys.exit",
        ),
        pytest.param(
            "STORJ_PLUGIN_API = 2\nraise_later = 1",
            "admit: it needs plugin API 2, and this storj-monitor has 1. "
            "Update storj-monitor, or use a psv made for API 1.",
            id="a newer API",
        ),
        pytest.param(
            "STORJ_PLUGIN_API = '1'",
            "admit: its STORJ_PLUGIN_API is '1', which is no version of the plugin API. "
            "Its author writes: STORJ_PLUGIN_API = 1.",
            id="an API version that is a text",
        ),
        pytest.param(
            "STORJ_PLUGIN_API = True",
            "admit: its STORJ_PLUGIN_API is True, which is no version of the plugin API. "
            "Its author writes: STORJ_PLUGIN_API = 1.",
            id="an API version that is a flag",
        ),
        pytest.param(
            "STORJ_PLUGIN_API = 0",
            "admit: its STORJ_PLUGIN_API is 0, which is no version of the plugin API. "
            "Its author writes: STORJ_PLUGIN_API = 1.",
            id="an API version that never was",
        ),
        pytest.param(
            "@hookimpl\ndef storj_format():\n    return []",
            "admit: it implements an unknown hook 'storj_format'. Did you mean 'storj_formats'?",
            id="a misspelt hook",
        ),
        pytest.param(
            "@hookimpl(specname='storj_sorces')\ndef anything():\n    return []",
            "admit: it implements an unknown hook 'storj_sorces'. Did you mean 'storj_sources'?",
            id="a misspelt hook under another name",
        ),
        pytest.param(
            "@hookimpl\ndef on_startup():\n    return []",
            f"admit: it implements an unknown hook 'on_startup'. {HOOKS}",
            id="a hook that is like no other",
        ),
        pytest.param(
            "def storj_export_finish(outcome):\n    pass",
            "admit: it implements an unknown hook 'storj_export_finish'. "
            "Did you mean 'storj_export_finished'?",
            id="a misspelt hook without a mark",
        ),
        pytest.param(
            UNMARKED,
            "admit: its storj_formats isn't marked as a hook and would never be called. "
            "Write @hookimpl from storj_monitor.plugin above it.",
            id="a hook without a mark",
        ),
        pytest.param(
            "@hookimpl\ndef storj_formats(config):\n    return []",
            "admit: a hook isn't as it is declared: Plugin 'psv' for hook 'storj_formats' "
            "hookimpl definition: storj_formats(config) Argument(s) {'config'} are declared in "
            f"the hookimpl but can not be found in the hookspec. {HOOKS}",
            id="a hook with wrong arguments",
        ),
        pytest.param(
            "def storj_unlike_any_of_them():\n    return []",
            "admit: it implements no hook. Write one, such as storj_formats, "
            "and mark it with @storj_monitor.plugin.hookimpl.",
            id="no hook",
        ),
        pytest.param(
            "def __dir__():\n    raise OSError('shut')",
            "admit: looking at its hooks failed: OSError: shut. Update or uninstall bad.",
            id="a module that won't be looked at",
        ),
    ],
)
def test_a_bad_plugin_is_refused_in_these_words_and_the_rest_is_served(
    shelf: Shelf, code: str, text: str
) -> None:
    shelf.put("bad", psv=code)
    shelf.put("good", tsv=formats("tsv"))
    catalogue = shelf.host().catalogue
    [failure] = catalogue.failures
    assert str(failure) == f"plugin 'psv' from bad 1.0: {text}"
    assert list(catalogue.formats) == ["csv", "tsv"]
    assert [record.state for record in catalogue.plugins] == ["loaded", "refused", "loaded"]
    assert catalogue.plugins[1].failure == failure


def test_an_interrupt_by_the_user_goes_through(shelf: Shelf) -> None:
    shelf.put("bad", psv="raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        shelf.host()


def test_an_entry_point_to_a_module_that_is_not_there_is_told_apart(shelf: Shelf) -> None:
    shelf.put("bad", entry_points="[storj_monitor]\npsv = bad_package.psv")
    assert shelf.refusal() == (
        "plugin 'psv' from bad 1.0: admit: importing 'bad_package.psv' failed: "
        "ModuleNotFoundError: No module named 'bad_package'. "
        "The entry point names a module that isn't there. Update or uninstall bad."
    )


def test_a_built_in_that_is_refused_is_to_be_reinstalled(bare_shelf: Shelf) -> None:
    bare_shelf.put("storj-monitor", csv="raise ValueError")
    assert bare_shelf.refusal() == (
        "plugin 'csv' from storj-monitor 1.0: admit: importing 'storj_monitor_csv' failed: "
        "ValueError. Reinstall it: pip install --force-reinstall storj-monitor."
    )


def test_a_newer_plugin_is_told_of_its_version_before_its_hooks(shelf: Shelf) -> None:
    shelf.put("bad", psv="STORJ_PLUGIN_API = 7\n@hookimpl\ndef storj_widgets():\n    return []")
    assert "needs plugin API 7, and this storj-monitor has 1" in shelf.refusal()


def test_a_plugin_may_state_the_version_that_this_is(shelf: Shelf) -> None:
    shelf.put("good", tsv="STORJ_PLUGIN_API = 1\n" + formats("tsv"))
    assert list(shelf.host().catalogue.formats) == ["csv", "tsv"]


def test_an_optional_hook_of_another_version_does_no_harm(shelf: Shelf) -> None:
    later = "@hookimpl(optionalhook=True)\ndef storj_widgets():\n    return []\n"
    shelf.put("good", tsv=later + formats("tsv"))
    assert list(shelf.host().catalogue.formats) == ["csv", "tsv"]


def test_a_function_that_a_plugin_only_imports_is_none_of_its_hooks(shelf: Shelf) -> None:
    shelf.module("storj_dates", "def storj_formates():\n    pass")
    shelf.put("good", tsv="from storj_dates import storj_formates\n" + formats("tsv"))
    assert list(shelf.host().catalogue.formats) == ["csv", "tsv"]


INSTANCE = """
STORJ_PLUGIN_API = {api}

class Plugin:
    def __init__(self, name):
        self.name = name

    @hookimpl
    def storj_formats(self):
        return [Format(name=self.name, title='T', media_type='text/plain', render=render)]

plugin = Plugin("tsv")
nothing = None
"""


def test_an_entry_point_may_name_an_object(shelf: Shelf) -> None:
    shelf.module("good_object", INSTANCE.format(api=1))
    shelf.put("good", entry_points="[storj_monitor]\ntsv = good_object:plugin")
    assert list(shelf.host().catalogue.formats) == ["csv", "tsv"]


def test_an_object_leaves_it_to_its_module_to_state_the_version(shelf: Shelf) -> None:
    shelf.module("good_object", INSTANCE.format(api=2))
    shelf.put("good", entry_points="[storj_monitor]\ntsv = good_object:plugin")
    assert "it needs plugin API 2" in shelf.refusal()


def test_a_misspelt_method_is_found_too(shelf: Shelf) -> None:
    shelf.module("good_object", INSTANCE.format(api=1).replace("def storj_f", "def storj_ff"))
    shelf.put("good", entry_points="[storj_monitor]\ntsv = good_object:plugin")
    assert "Did you mean 'storj_formats'?" in shelf.refusal()


def test_an_attribute_that_is_not_there_or_none_is_refused(shelf: Shelf) -> None:
    shelf.module("good_object", INSTANCE.format(api=1))
    shelf.put("good", entry_points="[storj_monitor]\na = good_object:else\nb = good_object:nothing")
    first, second = shelf.host().catalogue.failures
    assert first.reason == (
        "importing 'good_object:else' failed: "
        "AttributeError: module 'good_object' has no attribute 'else'."
    )
    assert second.reason == "it implements no hook."


def test_what_a_plugin_prints_at_import_does_not_reach_standard_output(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.put("good", tsv="print('hello')\n" + formats("tsv"))
    shelf.host()
    assert capsys.readouterr().err == "hello\n"


def test_a_refused_import_leaves_no_module_behind(shelf: Shelf) -> None:
    shelf.put("bad", psv="raise ValueError")
    shelf.host()
    assert "bad_psv" not in sys.modules
