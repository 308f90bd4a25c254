"""What a channel is held to: that nothing is lost silently, and nothing secret is told."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, ClassVar

from storj_monitor.plugin import Attachment, Channel, DeliveryError, Parcel
from storj_monitor.testing.admission import Conformance
from storj_monitor.testing.places import Deaf, HangsUp, Nobody, Sending, TakesAll
from storj_monitor.testing.rules import broken
from storj_monitor.testing.texts import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

    from storj_monitor.testing.places import Place

_RAISES = (
    "send returns when the other side has accepted the parcel, and raises DeliveryError(reason, "
    "retryable) whenever it has not, whatever the library beneath raised: what is lost without a "
    "word is never sent again."
)
_UNCERTAIN = (
    "a parcel that was handed over to its end may have arrived, and if it is tried again it may "
    "arrive twice: raise UncertainDelivery(reason), and a person decides. Where the other side "
    "keeps to the idempotency key, write `sends_once = True` into the class."
)
_SECONDS = 30
#: Stands in the text of the parcel, and in any encoding of it that isn't packed.
_MARK = "payouts"
#: What a step may take that takes no time at all, unless something stands still.
_PATIENCE_SECONDS = 5


class ChannelConformance(Conformance[Channel]):
    """Holds a channel to everything that the program and its users rely on.

        import storj_matrix
        from storj_monitor.testing import ChannelConformance

        class TestMatrix(ChannelConformance):
            plugin = storj_matrix
            settings = {"server": "http://127.0.0.1:{port}", "room": "!nodes:example.org"}

    `{port}` in the settings and the recipient becomes the port of a place on this machine that
    can't be reached, hangs up, or never answers. Settings that are left out have their defaults; a
    secret one is made up. `sends_once` says that the other side takes a parcel once, however often
    it is sent with the same idempotency key.
    """

    kind = "channels"
    settings: ClassVar[Mapping[str, str]] = {}
    recipient: ClassVar[str] = "somebody@example.org"
    sends_once: ClassVar[bool] = False

    def test_a_place_that_can_not_be_reached_is_a_delivery_error(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG), Nobody() as place:
            error = self._failure(place, tmp_path)
        if error.retryable is not True:
            broken(
                f"retryable is {error.retryable!r} for a place that can't be reached.",
                "retryable=True says that it may work later, and the parcel is tried again; False "
                "that it never will, such as for a recipient that doesn't exist.",
            )
        if not error.reason.strip():
            broken("The DeliveryError has no words.", "the reason is what the operator reads.")
        self._check_secrets(f"{error!r} {error.reason} {caplog.text}", place)

    def test_a_place_that_hangs_up_is_a_delivery_error(self, tmp_path: Path) -> None:
        with HangsUp() as place:
            self._check_secrets(repr(self._failure(place, tmp_path)), place)

    def test_a_place_that_takes_everything_and_gives_no_answer_is_not_tried_again(
        self, tmp_path: Path
    ) -> None:
        with TakesAll(_MARK.encode()) as place:
            error = self._failure(place, tmp_path)
        self._check_secrets(repr(error), place)
        if place.had_all and error.retryable and not self.sends_once:
            broken(f"With {place.what} send raised {error!r}, with retryable=True.", _UNCERTAIN)

    def test_its_limit_is_a_number_of_bytes_or_none(self) -> None:
        if self.offered.limit is None:
            return
        with Nobody() as place:
            settings = {key: place.named(value) for key, value in self._settings().items()}
            limit = self.offered.limit(place.named(self.recipient), settings)
        if limit is not None and (type(limit) is not int or limit < 0):
            broken(
                f"limit gave {limit!r}.",
                "limit(recipient, settings) gives how many bytes the files of a parcel may have "
                "together, as an int: 0 where none can be sent, None for no limit.",
            )

    def test_an_awkward_parcel_is_a_delivery_error_like_any_other(self, tmp_path: Path) -> None:
        for name in (*NAMES, "two\r\nlines: of a header", ""):
            with Nobody() as place:
                self._failure(place, tmp_path, name)

    def test_a_place_that_never_answers_does_not_stop_the_server(self, tmp_path: Path) -> None:
        with Deaf() as place:
            sending = self._sending(place, tmp_path)
            outcome = sending.outcome_when_canceled(place, _PATIENCE_SECONDS)
        if outcome.was_blocked:
            broken(
                "While it waited for an answer, nothing else in the server went on.",
                "send is a coroutine: await what takes time, and use no library that waits by "
                "itself (requests, smtplib, time.sleep) but in asyncio.to_thread().",
            )
        if outcome.is_endless:
            broken(
                "It was canceled, and went on waiting.",
                "a delivery that takes too long is canceled: let asyncio.CancelledError through.",
            )
        if outcome.error is None:
            broken(f"Nothing was accepted, and with {place.what} send returned.", _RAISES)

    def _failure(self, place: Place, folder: Path, name: str = "Week") -> DeliveryError:
        """Send to a place where nothing can arrive, and return what was raised about that."""
        outcome = self._sending(place, folder, name).outcome(_SECONDS)
        if outcome.is_endless:
            broken(f"With {place.what} send hadn't ended after {_SECONDS} seconds.", _RAISES)
        if outcome.error is None:
            broken(f"Nothing was accepted, and with {place.what} send returned.", _RAISES)
        if not isinstance(outcome.error, DeliveryError):
            broken(f"With {place.what} send raised {outcome.error!r}.", _RAISES)
        return outcome.error

    def _sending(self, place: Place, folder: Path, name: str = "Week") -> Sending:
        path = folder / "attachment"
        path.write_bytes(b"%PDF-1.7\n" * 1000)
        attachment = Attachment(filename=f"{name}.pdf", media_type="application/pdf", path=path)
        parcel = Parcel(
            subject=name,
            text=f"{name} of your nodes: egress, {_MARK}, scores.\n",
            html=f"<p>Egress, {_MARK}, scores.</p>",
            attachments=(attachment,),
            links=("http://127.0.0.1:8765/api/reports/1",),
            idempotency_key="0f1e2d3c-weekly",
            recipient=place.named(self.recipient),
        )
        settings = {key: place.named(value) for key, value in self._settings().items()}
        return Sending(self.offered, parcel, settings)

    def _settings(self) -> dict[str, str]:
        """Return a value for each setting that has one."""
        declared = self.offered.settings
        for name in self.settings.keys() - {setting.name for setting in declared}:
            broken(
                f"{type(self).__name__} sets {name!r}, and the channel has no such setting.",
                f"it has: {', '.join(setting.name for setting in declared) or 'none'}.",
            )
        chosen = {}
        for setting in declared:
            default = setting.default
            if setting.secret:
                default = default or f"s3cret-of-{setting.name}"
            value = self.settings.get(setting.name, default)
            if value is None:
                broken(
                    f"{type(self).__name__} doesn't say what the setting {setting.name!r} is.",
                    "write `settings = {...}` into the class: what leads to a place on this "
                    'machine, such as {"host": "127.0.0.1", "port": "{port}"}.',
                )
            chosen[setting.name] = value
        return chosen

    def _check_secrets(self, text: str, place: Place) -> None:
        recipient = place.named(self.recipient)
        if self.offered.shown is not None and recipient in text:
            broken(
                f"The recipient stands in what it says or logs: {text}",
                "with `shown` a channel says that its recipients are secrets: no more than "
                "shown(recipient) may be said of one.",
            )
        settings = self._settings()
        for setting in self.offered.settings:
            secret = settings[setting.name] if setting.secret else ""
            if secret and secret in text:
                broken(
                    f"The secret setting {setting.name!r} stands in what it says or logs: {text}",
                    "a reason is shown to everybody and kept: never put a secret, or a URL that "
                    "has one, into it.",
                )
