"""Who owns a name, and what the catalogue says in the end."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from typing import TYPE_CHECKING

import pytest

from storj_monitor.plugin import Format
from storj_monitor.registry.candidate import Candidate
from storj_monitor.registry.choice import Choice
from storj_monitor.registry.collect import Offering
from storj_monitor.registry.freeze import freeze
from tests.registry.conftest import formats

if TYPE_CHECKING:
    from tests.registry.conftest import Shelf

FANCY = formats("csv").replace("'T'", "'Fancy'")


def test_a_taken_name_is_refused_and_both_owners_and_the_way_out_are_named(shelf: Shelf) -> None:
    shelf.put("storj-fancy-csv", version="1.2", fancy=FANCY)
    catalogue = shelf.host().catalogue
    assert catalogue.formats["csv"].title == "T"
    [failure] = catalogue.failures
    assert str(failure) == (
        "plugin 'fancy' from storj-fancy-csv 1.2: freeze: its format 'csv' was refused: "
        "the name is taken by storj-monitor 1.0. "
        'Rename it, or set [plugins.prefer.format] csv = "storj-fancy-csv".'
    )
    assert [plugin.state for plugin in catalogue.plugins] == ["loaded", "refused"]


def test_the_operator_may_prefer_another_even_over_a_built_in(shelf: Shelf) -> None:
    shelf.put("storj-fancy-csv", version="1.2", fancy=FANCY)
    catalogue = shelf.host(prefer={"format": {"csv": "Storj_Fancy_CSV"}}).catalogue
    assert catalogue.formats["csv"].title == "Fancy"
    [failure] = catalogue.failures
    assert str(failure) == (
        "plugin 'csv' from storj-monitor 1.0: prefer: its format 'csv' was refused: "
        "the settings prefer the one of storj-fancy-csv 1.2. "
        'To use this one, set [plugins.prefer.format] csv = "storj-monitor".'
    )
    assert [plugin.state for plugin in catalogue.plugins] == ["refused", "loaded"]


def test_a_preference_for_one_name_leaves_the_others_to_whom_they_belong(shelf: Shelf) -> None:
    shelf.put("zebra", all=formats("csv", "psv"))
    shelf.put("aardvark", psv=formats("psv").replace("'T'", "'First'"))
    catalogue = shelf.host(prefer={"format": {"csv": "zebra"}}).catalogue
    assert catalogue.formats["psv"].title == "First"
    assert catalogue.plugins[2].offers["formats"] == ("csv",)
    assert catalogue.plugins[2].state == "loaded"
    assert [failure.plugin for failure in catalogue.failures] == ["csv", "all"]


def test_a_preferred_plugin_that_is_refused_leaves_the_name_to_the_other(shelf: Shelf) -> None:
    shelf.put("fancy", fancy="raise ValueError")
    catalogue = shelf.host(prefer={"format": {"csv": "fancy"}}).catalogue
    assert catalogue.formats["csv"].title == "T"


def test_two_plugins_of_one_distribution_are_told_to_rename(shelf: Shelf) -> None:
    shelf.put("twins", castor=formats("psv"), pollux=formats("psv"))
    assert shelf.refusal() == (
        "plugin 'pollux' from twins 1.0: freeze: its format 'psv' was refused: "
        "the name is taken by plugin 'castor' beside it. Rename one of the two."
    )


def test_a_plugin_that_offers_a_name_twice_keeps_the_first(shelf: Shelf) -> None:
    shelf.put("echo", echo=formats("psv", "psv"))
    catalogue = shelf.host().catalogue
    assert catalogue.plugins[1].offers["formats"] == ("psv",)
    assert catalogue.plugins[1].failure == catalogue.failures[0]


def test_every_refused_name_is_a_failure_and_the_record_has_the_first(shelf: Shelf) -> None:
    shelf.put("first", first=formats("psv", "tsv"))
    shelf.put("second", second=formats("psv", "tsv", "zsv"))
    catalogue = shelf.host().catalogue
    first, _ = catalogue.failures
    assert [failure.reason for failure in catalogue.failures] == [
        "its format 'psv' was refused: the name is taken by first 1.0.",
        "its format 'tsv' was refused: the name is taken by first 1.0.",
    ]
    assert catalogue.plugins[2].failure == first
    assert catalogue.plugins[2].offers["formats"] == ("zsv",)


def test_a_record_is_shown_in_the_form_that_was_promised(shelf: Shelf) -> None:
    shelf.put("half", half=formats("csv", "tsv"))
    built_in, half = shelf.host().catalogue.plugins
    offers = {"sources": [], "formats": ["tsv"], "reports": [], "channels": []}
    assert built_in.as_json()["failure"] is None
    assert json.loads(json.dumps(half.as_json())) == {
        "name": "half",
        "distribution": "half",
        "version": "1.0",
        "state": "loaded",
        "offers": offers,
        "failure": {
            "stage": "freeze",
            "reason": "its format 'csv' was refused: the name is taken by storj-monitor 1.0.",
            "hint": 'Rename it, or set [plugins.prefer.format] csv = "half".',
        },
    }


def test_the_catalogue_is_read_only(shelf: Shelf) -> None:
    catalogue = shelf.host().catalogue
    with pytest.raises(TypeError):
        catalogue.formats["tsv"] = catalogue.formats["csv"]  # type: ignore[index]  # that is the test
    with pytest.raises(TypeError):
        catalogue.plugins[0].offers["formats"] = ()  # type: ignore[index]  # that is the test
    with pytest.raises(FrozenInstanceError):
        catalogue.formats = {}  # type: ignore[misc]  # that is the test


def test_the_fingerprint_is_the_same_for_the_same_plugins(shelf: Shelf) -> None:
    shelf.put("good", tsv=formats("tsv"))
    first, second = shelf.host().catalogue, shelf.host().catalogue
    assert first.fingerprint == second.fingerprint
    assert len(first.fingerprint) == 64


def fingerprint(distribution: str, version: str, name: str, offered: str) -> str:
    def load() -> None:
        raise NotImplementedError

    candidate = Candidate(
        name=name, distribution=distribution, version=version, location="", load=load, remedy=""
    )
    item = Format(name=offered, title="T", media_type="text/plain", render=lambda _: ())
    offering = Offering(candidate=candidate, offers={"formats": (item,)})
    return freeze([offering], Choice(frozenset(), None, {})).fingerprint


@pytest.mark.parametrize(
    "other",
    [
        ("other", "1.0", "psv", "psv"),
        ("good", "1.1", "psv", "psv"),
        ("good", "1.0", "tsv", "psv"),
        ("good", "1.0", "psv", "tsv"),
    ],
)
def test_the_fingerprint_changes_with_distribution_version_plugin_and_names(
    other: tuple[str, str, str, str],
) -> None:
    assert fingerprint("good", "1.0", "psv", "psv") != fingerprint(*other)
