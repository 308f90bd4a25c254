"""Alerts that are to be sent by a channel that can't be used: that is said at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from structlog.testing import capture_logs

from storj_monitor.settings import AlertSettings, SendSettings
from storj_monitor.web.app import follow_schedules
from storj_monitor.web.keys import SETTINGS
from tests.web.test_schedules import app_of

if TYPE_CHECKING:
    from storj_monitor.store import Store


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("", []),
        ("hook", []),
        ("hok", [("unknown channel 'hok'", "Did you mean 'hook'? Installed: matrix, hook.")]),
        (
            "matrix",
            [
                (
                    "unknown key 'romm' under [channels.matrix]",
                    "Did you mean 'room'? It has room, password.",
                )
            ],
        ),
    ],
)
async def test_a_channel_for_alerts_that_can_not_be_used_is_logged_with_what_would_help(
    store: Store, channel: str, said: list[Any]
) -> None:
    app = app_of(store)
    send = SendSettings(channel=channel, recipients=("ann",))
    app[SETTINGS] = msgspec.structs.replace(
        app[SETTINGS], alerts=AlertSettings(send=send), channels={"matrix": {"romm": "x"}}
    )
    with capture_logs() as logs:
        follow_schedules(app)
    told = [one for one in logs if one["event"] == "alerts.not_sent"]
    assert [(one["error"], one["hint"]) for one in told] == said
