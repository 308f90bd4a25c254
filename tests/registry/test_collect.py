"""What plugins offer, and what happens to a hook that fails while it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.registry.conftest import formats

if TYPE_CHECKING:
    from tests.registry.conftest import Shelf

ALL_KINDS = """
def rows(reader, query):
    return ()

async def send(parcel, settings):
    pass

@hookimpl
def storj_sources():
    yield Source(name="both", title="T", summary="S", rows=rows,
                 columns=(Column(key="node", label="Node"),))

@hookimpl
def storj_reports():
    return (Report(name="both", title="T", summary="S", build=rows),)

@hookimpl
def storj_channels():
    return {"matrix": Channel(name="matrix", title="T", settings=(), send=send)}.values()
"""


def test_every_kind_is_collected_and_kinds_may_share_a_name(shelf: Shelf) -> None:
    shelf.put("good", everything=ALL_KINDS + formats("psv", "tsv"))
    catalogue = shelf.host().catalogue
    assert catalogue.failures == ()
    assert catalogue.sources["both"].summary == "S"
    assert catalogue.reports["both"].period == "custom"
    assert catalogue.channels["matrix"].settings == ()
    assert catalogue.formats["tsv"].suffix == "tsv"
    assert catalogue.plugins[1].offers == {
        "sources": ("both",),
        "formats": ("psv", "tsv"),
        "reports": ("both",),
        "channels": ("matrix",),
    }


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(
            "raise ValueError('out of paper')",
            "storj_formats failed: ValueError: out of paper. Update or uninstall bad.",
            id="an exception",
        ),
        pytest.param(
            "raise SystemExit",
            "storj_formats failed: SystemExit. Update or uninstall bad.",
            id="sys.exit",
        ),
        pytest.param(
            "return [Format(name='X', title='T', media_type='text/plain', render=render)]",
            "storj_formats failed: ValueError: format name 'X' is not allowed: it is 2 to 32 "
            "characters, a to z, 0 to 9 and _, and begins with a letter. "
            "Update or uninstall bad.",
            id="a descriptor that makes no sense",
        ),
        pytest.param(
            "import storj_missing_piece",
            "storj_formats failed: ModuleNotFoundError: No module named 'storj_missing_piece'. "
            "It needs the module 'storj_missing_piece': install that beside storj-monitor.",
            id="a dependency that is missed late",
        ),
        pytest.param(
            "pass",
            "storj_formats returned None and not an iterable. "
            "Return a list, even of one: [Format(...)].",
            id="nothing",
        ),
        pytest.param(
            "return Format(name='xx', title='T', media_type='text/plain', render=render)",
            "storj_formats returned a value of type Format and not an iterable. "
            "Return a list, even of one: [Format(...)].",
            id="a format without its list",
        ),
        pytest.param(
            "return [{'name': 'psv'}]",
            "storj_formats gave a value of type dict where a Format belongs. "
            "Each item is made with storj_monitor.plugin.Format(...).",
            id="an item of a wrong type",
        ),
        pytest.param(
            "return [None]",
            "storj_formats gave None where a Format belongs. "
            "Each item is made with storj_monitor.plugin.Format(...).",
            id="an item that is missing",
        ),
        pytest.param(
            "yield Format(name='xx', title='T', media_type='text/plain', render=render)\n"
            "    raise RuntimeError('at the last moment')",
            "storj_formats failed: RuntimeError: at the last moment. Update or uninstall bad.",
            id="a generator that raises late",
        ),
    ],
)
def test_a_hook_that_fails_is_refused_in_these_words_and_the_rest_is_served(
    shelf: Shelf, body: str, text: str
) -> None:
    shelf.put("bad", psv=f"@hookimpl\ndef storj_formats():\n    {body}\n")
    shelf.put("good", tsv=formats("tsv"))
    catalogue = shelf.host().catalogue
    [failure] = catalogue.failures
    assert str(failure) == f"plugin 'psv' from bad 1.0: collect: {text}"
    assert list(catalogue.formats) == ["csv", "tsv"]
    assert [record.state for record in catalogue.plugins] == ["loaded", "refused", "loaded"]


def test_a_plugin_of_which_one_kind_fails_keeps_the_others(shelf: Shelf) -> None:
    shelf.put("half", half=ALL_KINDS + "@hookimpl\ndef storj_formats():\n    return 7\n")
    catalogue = shelf.host().catalogue
    record = catalogue.plugins[1]
    assert record.state == "loaded"
    assert record.failure == catalogue.failures[0]
    assert record.offers["sources"] == ("both",)
    assert record.offers["formats"] == ()


def test_a_plugin_that_offers_nothing_today_is_no_failure(shelf: Shelf) -> None:
    shelf.put("shy", shy="@hookimpl\ndef storj_formats():\n    return []\n")
    catalogue = shelf.host().catalogue
    assert catalogue.plugins[1].state == "loaded"
    assert catalogue.failures == ()


def test_what_a_hook_prints_does_not_reach_standard_output(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.put("good", tsv=formats("tsv").replace("return", "print('hello')\n    return"))
    shelf.host()
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "hello\n")
