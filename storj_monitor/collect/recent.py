"""A memory of limited size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Remembers a limited number of things, and forgets the oldest first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._things: dict[Key, Value] = {}

    def __len__(self) -> int:
        return len(self._things)

    def put(self, key: Key, thing: Value) -> None:
        """Remember a thing, in place of another of the same key."""
        if len(self._things) >= self._limit and key not in self._things:
            del self._things[next(iter(self._things))]
        self._things[key] = thing

    def get(self, key: Key) -> Value | None:
        """Return the thing of this key, if it is still remembered."""
        return self._things.get(key)

    def items(self) -> Iterable[tuple[Key, Value]]:
        """Return what is remembered, oldest first."""
        return self._things.items()

    def take(self, key: Key) -> Value | None:
        """Return the thing of this key, if it is still remembered, and forget it."""
        return self._things.pop(key, None)
