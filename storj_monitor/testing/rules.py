"""How the kit says that a rule is broken: what was seen, and what the rule is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


def broken(what: str, rule: str) -> NoReturn:
    """Fail the test: `what` was seen, in one sentence, and `rule` is what holds instead."""
    pytest.fail(f"{what}\nThe rule: {rule}", pytrace=False)


@contextmanager
def unbroken(what: str, rule: str, let_through: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Fail the test when the block raises; `what` is what was done, such as `rendering x`.

    The plugin's own traceback stands above the words.
    """
    __tracebackhide__ = True
    try:
        yield
    except let_through:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin raises anything
        pytest.fail(f"{what} raised {type(error).__name__}: {error}\nThe rule: {rule}")
