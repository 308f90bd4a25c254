"""Which deliveries fail is told of each recipient, be they shown alike or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.alerts.evaluation import evaluate
from storj_monitor.plugin import DeliveryError
from storj_monitor.schedules.runs import resend, send_test
from storj_monitor.settings import AlertSettings
from tests.schedules.offices import ANN, Office, due
from tests.store.databases import rows_of

if TYPE_CHECKING:
    from storj_monitor.store import Store

#: Of a recipient only what comes before the slash is shown.
WORKING, BROKEN = "chat.example/k1", "chat.example/k2"


class Looked(Office):
    """An office that is looked after."""

    def open_alerts(self) -> list[str]:
        """Look what needs an alert; return the titles of those that are open."""
        evaluate(self.store, AlertSettings(), self.clock())
        found = rows_of(self.store.path, "SELECT title FROM alerts WHERE resolved_at IS NULL")
        return [row["title"] for row in found]


@pytest.fixture
def office(store: Store) -> Looked:
    return Looked(store)


async def test_the_success_of_one_says_nothing_of_another_who_is_shown_alike(
    office: Looked,
) -> None:
    office.schedule(recipients=[WORKING, BROKEN])
    office.post.answers[BROKEN] = DeliveryError("it is gone", retryable=False)
    await due(office)
    [well] = [row for row in office.rows() if row.state == "sent"]
    async with office.work() as work:
        await resend(work, well.id)
    assert office.failing() == {f"Mondays to {BROKEN}": 3}
    assert office.open_alerts() == ["Deliveries of Mondays fail"]


async def test_a_test_that_fails_is_no_alert_and_one_that_arrives_ends_it(office: Looked) -> None:
    id_ = office.schedule(recipients=[ANN])
    office.post.answers[ANN] = DeliveryError("no such mailbox", retryable=False)
    async with office.work() as work:
        [failed] = await send_test(work, id_)
    assert failed.state == "failed"
    assert office.open_alerts() == []
    await due(office)
    assert office.open_alerts() == ["Deliveries of Mondays fail"]
    del office.post.answers[ANN]
    async with office.work() as work:
        await send_test(work, id_)
    assert office.open_alerts() == []


async def test_what_failed_for_good_is_an_alert_until_a_person_sends_it_again(
    office: Looked,
) -> None:
    office.schedule(recipients=[ANN])
    office.post.answers[ANN] = DeliveryError("no such mailbox", retryable=False)
    await due(office)
    assert office.open_alerts() == ["Deliveries of Mondays fail"]
    office.clock.pass_(days=6)
    assert office.open_alerts() == ["Deliveries of Mondays fail"]
    office.post.answers.clear()
    [failed] = office.rows()
    async with office.work() as work:
        await resend(work, failed.id)
    assert office.open_alerts() == []
