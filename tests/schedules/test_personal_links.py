"""Whoever has a link to personal data can have that: the message says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from storj_monitor.plugin import Document, Note
from storj_monitor.schedules.runs import run_due
from tests.exports.offers import report
from tests.schedules.offices import ANN, Office, named

if TYPE_CHECKING:
    from storj_monitor.plugin import Catalogue, Query
    from storj_monitor.store import Store

WARNING = "The file holds personal data: whoever has the link can download it until then."
REPORT: dict[str, Any] = {"source": None, "report": "tally", "format": "csv"}
PERSONAL: dict[str, Any] = {"parameters": {"personal": True}}
FEW: dict[str, Any] = {"parameters": {"personal": True, "columns": "node,count"}}


@pytest.fixture
def office(store: Store) -> Office:
    office = Office(store)
    office.set_public("https://storj.example.org")
    return office


@pytest.mark.parametrize(
    ("asked", "limit", "is_said"),
    [
        (PERSONAL, 0, True),
        (PERSONAL, None, False),
        (FEW, 0, False),
        ({}, 0, False),
        (REPORT | PERSONAL, 0, True),
        (REPORT, 0, False),
    ],
)
async def test_a_link_to_personal_data_is_told_as_such(
    office: Office, asked: dict[str, Any], limit: int | None, *, is_said: bool
) -> None:
    office.post.limit = limit
    office.schedule(recipients=[ANN], **asked)
    async with office.work() as work:
        await run_due(work)
    [parcel] = office.post.parcels

    assert bool(parcel.links) is (limit == 0)
    assert (WARNING in parcel.text) is is_said
    assert (WARNING in parcel.html) is is_said


async def test_what_a_report_makes_of_personal_data_is_personal_too(office: Office) -> None:
    def build(catalogue: Catalogue, query: Query) -> Document:
        rows = catalogue.fetch("things", query).rows()
        return Document("A tally", (Note(", ".join(str(row[-1]) for row in rows)),))

    office.post.limit = 0
    office.offered = {"reports": named([report(build=build)])}
    office.schedule(recipients=[ANN], **REPORT, **PERSONAL)
    async with office.work() as work:
        await run_due(work)

    assert WARNING in office.post.parcels[0].text
