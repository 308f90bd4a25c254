"""The parts of an endpoint's answer, each read by itself: a bad one doesn't lose the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
from msgspec import Meta, Raw
from msgspec.json import Decoder

from storj_monitor.collect.node_api.readings import Failure, NodeApiError
from storj_monitor.collect.times import Times
from storj_monitor.plugin.query import moment

if TYPE_CHECKING:
    from datetime import datetime

_T = TypeVar("_T")
#: What is missing is as what is null.
NULL = Raw(b"null")
_NEVER = "0001-01-01T"
_LONGEST_SHOWN = 60
_LONGEST_TEXT = 200
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

#: Of a node or satellite.
ID: Decoder[str] = Decoder(Annotated[str, Meta(pattern=r"\A[1-9A-HJ-NP-Za-km-z]{1,100}\Z")])
#: A version, a time, the host and port of a satellite.
WORD: Decoder[str] = Decoder(Annotated[str, Meta(pattern=r"\A[!-~]{0,100}\Z")])
RATIO: Decoder[float] = Decoder(Annotated[float, Meta(ge=0, le=1)])
FLAG: Decoder[bool] = Decoder(bool)
ITEMS: Decoder[list[Raw]] = Decoder(list[Raw])


def decoded(body: bytes, kind: type[_T]) -> _T:
    """Return an answer as a reply. Raises NodeApiError when it is none."""
    if not body.strip():
        reason = "the answer is empty"
        raise NodeApiError(reason, "The node failed at it: look into its log.")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        reason = "the answer is JSON, but not that of a storagenode"
        raise NodeApiError(reason, "Is it the address of another program?") from error
    except _UNREADABLE as error:
        reason = "the answer is no JSON, or only the beginning of it"
        raise NodeApiError(reason, "Is it the address of another program?") from error


def plain_text(text: str) -> str:
    """Return a text from outside in one printable line of limited length."""
    kept = text.strip()[:_LONGEST_TEXT]
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in kept)


class Findings:
    """Reads the parts of one endpoint's answer, and notes which can't be used; never raises."""

    def __init__(self, endpoint: str) -> None:
        self.failures: list[Failure] = []
        self._endpoint = endpoint

    def note(self, reason: str) -> None:
        """Note what is wrong with the endpoint or its answer."""
        self.failures.append(Failure(self._endpoint, reason))

    def take(self, raw: Raw, decoder: Decoder[_T], name: str) -> _T | None:
        """Return a part; None when it is null or, which is noted, can't be used."""
        if raw == NULL:
            return None
        try:
            return decoder.decode(raw)
        except _UNREADABLE:
            shown = plain_text(bytes(raw)[:_LONGEST_SHOWN].decode(errors="replace"))
            self.note(f"{name} is {shown}, which can't be used")
            return None

    def time(self, raw: Raw, name: str) -> datetime | None:
        """Return a time; None also for the year 1, with which a node says never."""
        text = self.take(raw, WORD, name)
        if text is None or text.startswith(_NEVER):
            return None
        at = Times().read(text.encode())
        if at is None:
            self.note(f"{name} is {plain_text(text)}, which is no time")
            return None
        return moment(at)
