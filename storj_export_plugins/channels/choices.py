"""What the operator chose for a channel, checked where it is used."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from storj_monitor.plugin import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storj_monitor.plugin import Setting

_YES = frozenset(("on", "true", "yes", "1"))
_NO = frozenset(("off", "false", "no", "0", ""))
_MEGABYTE = 1_000_000


class Choices:
    """The settings of a channel, each with its default where nothing was chosen.

    Whatever can't be used raises DeliveryError, for good, naming the setting; a secret's value is
    never among the words.
    """

    def __init__(
        self, channel: str, declared: tuple[Setting, ...], given: Mapping[str, str]
    ) -> None:
        self._channel = channel
        self._values = {item.name: given.get(item.name, item.default) for item in declared}

    def text(self, name: str) -> str:
        """Return a text that must be there."""
        value = self._values[name]
        if not value:
            raise self._wrong(name, "isn't set")
        return value

    def optional(self, name: str) -> str:
        """Return a text; empty where nothing was chosen."""
        return self._values[name] or ""

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        """Return one of a few words."""
        value = self.text(name).lower()
        if value not in allowed:
            raise self._wrong(name, f"is {value!r}, and must be one of {', '.join(allowed)}")
        return value

    def flag(self, name: str) -> bool:
        """Return whether it is on."""
        value = self.optional(name).lower()
        if value not in _YES | _NO:
            raise self._wrong(name, f"is {value!r}, and must be on or off")
        return value in _YES

    def number(self, name: str, most: float) -> float:
        """Return a number above 0."""
        value = self.text(name)
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not 0 < number <= most:
            raise self._wrong(name, f"is {value!r}, and must be a number above 0, {most:g} at most")
        return number

    def megabytes(self, name: str) -> int:
        """Return a size in bytes that was chosen in MB."""
        return int(self.number(name, 10_000) * _MEGABYTE)

    def _wrong(self, name: str, what: str) -> DeliveryError:
        return DeliveryError(
            f"the setting {name} under [channels.{self._channel}] {what}", retryable=False
        )
