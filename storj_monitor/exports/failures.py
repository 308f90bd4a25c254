"""What went wrong while an export read its rows, whoever caught it on the way."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class FirstFailure:
    """Remembers the first error of a reading, so that no plugin can keep it to itself.

    A file without the rows that were not given would look whole. That reading was ended early is
    no error: nobody asked for the rest.
    """

    def __init__(self) -> None:
        self._error: BaseException | None = None

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Remember what is raised by the block, which reads."""
        try:
            yield
        except GeneratorExit:
            raise
        except BaseException as error:
            self._error = self._error or error
            raise

    @contextmanager
    def revealed(self) -> Iterator[None]:
        """Raise what was remembered when the block ends, in place of what it may end with."""
        try:
            yield
        except (Exception, SystemExit) as error:
            if self._error is not None and self._error is not error:
                raise self._error from error
            raise
        self.check()

    def check(self) -> None:
        """Raise what was remembered, if there is anything."""
        if self._error is not None:
            raise self._error
