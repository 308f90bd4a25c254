"""What the operator may leave out or prefer, and what he is told when it makes no sense."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from storj_monitor.errors import OperatorError
from tests.registry.conftest import formats

if TYPE_CHECKING:
    from pathlib import Path

    from tests.registry.conftest import Shelf


@pytest.fixture
def strangers(shelf: Shelf) -> Shelf:
    """Put two plugins of one distribution and one of another beside the built-ins."""
    shelf.put("Storj.Fancy", psv=formats("psv"), tsv=formats("tsv"))
    shelf.put("other", zsv=formats("zsv"))
    return shelf


@pytest.mark.parametrize(
    ("block", "filter_", "left"),
    [
        ((), "", ["csv", "zsv", "psv", "tsv"]),
        (("psv",), "", ["csv", "zsv", "tsv"]),
        (("storj_fancy",), "", ["csv", "zsv"]),
        (("storj_fancy", "zsv"), "", ["csv"]),
        (("csv", "storj-monitor"), "", ["csv", "zsv", "psv", "tsv"]),
        (("not-installed",), "", ["csv", "zsv", "psv", "tsv"]),
        ((), "none", ["csv"]),
        ((), "only:zsv", ["csv", "zsv"]),
        ((), " only: storj-fancy , zsv ", ["csv", "zsv", "psv", "tsv"]),
        (("psv",), "only:storj-fancy", ["csv", "tsv"]),
    ],
)
def test_plugins_are_left_out_by_name_or_distribution_but_never_the_built_ins(
    strangers: Shelf, block: tuple[str, ...], filter_: str, left: list[str]
) -> None:
    catalogue = strangers.host(block=block, filter_=filter_).catalogue
    assert list(catalogue.formats) == left
    assert catalogue.failures == ()


def test_a_blocked_plugin_is_not_even_imported(shelf: Shelf) -> None:
    shelf.put("loud", loud="raise SystemExit('imported')")
    record = shelf.host(block=("loud",)).catalogue.plugins[1]
    assert (record.name, record.state, record.failure) == ("loud", "blocked", None)
    assert record.offers == {"sources": (), "formats": (), "reports": (), "channels": ()}
    assert "loud_loud" not in sys.modules


def test_files_of_the_folder_are_left_out_the_same_way(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "psv.py").write_text("raise ValueError")
    for block in ("psv", "plugins-dir"):
        catalogue = shelf.host(block=(block,), directory=tmp_path).catalogue
        assert catalogue.plugins[1].state == "blocked"


@pytest.mark.parametrize("filter_", ["some", "only", "only:", "only: ,", "none:psv", "except:a"])
def test_a_filter_that_makes_no_sense_is_fatal(shelf: Shelf, filter_: str) -> None:
    with pytest.raises(OperatorError) as raised:
        shelf.host(filter_=filter_)
    assert raised.value.reason == f"the plugin filter {filter_!r} makes no sense"
    assert raised.value.hint == (
        'Leave STORJ_MONITOR_PLUGIN_FILTER empty, or set it to "none" or "only:a,b".'
    )


def test_a_filter_that_names_what_is_not_installed_is_fatal(strangers: Shelf) -> None:
    with pytest.raises(OperatorError) as raised:
        strangers.host(filter_="only:psv,psw")
    assert raised.value.reason == ("the plugin filter names 'psw', and no such plugin is installed")
    assert raised.value.hint == "Installed: csv, zsv, psv, tsv."


def test_a_preference_of_an_unknown_kind_is_fatal(shelf: Shelf) -> None:
    with pytest.raises(OperatorError) as raised:
        shelf.host(prefer={"formats": {"csv": "storj-monitor"}})
    assert raised.value.reason == (
        "[plugins.prefer.formats] makes no sense: plugins offer no such thing"
    )
    assert raised.value.hint == "Plugins offer: source, format, report, channel."


def test_a_preference_for_what_is_not_installed_is_fatal(strangers: Shelf) -> None:
    with pytest.raises(OperatorError) as raised:
        strangers.host(prefer={"format": {"csv": "storj-fency"}})
    assert raised.value.reason == (
        "[plugins.prefer.format] csv names 'storj-fency', "
        "and no plugin of that distribution is installed"
    )
    assert raised.value.hint == "Plugins come from: storj-monitor, other, Storj.Fancy."
