"""A plugin that nobody has looked into yet, and the guard under which its code runs."""

from __future__ import annotations

import re
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from storj_monitor.errors import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

#: The distribution of the built-in plugins: always used, and first in every list.
BUILT_IN = "storj-monitor"


def canonical(name: str) -> str:
    """Return a name as pip compares names: `Storj_Fancy.CSV` is `storj-fancy-csv`."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Something that says it is a plugin: its name, and where it comes from."""

    name: str
    distribution: str
    version: str
    #: What is imported: `module`, `module:attribute`, or the path of a file.
    location: str
    #: Imports the plugin; its code may raise anything.
    load: Callable[[], object]
    #: What helps when nothing more exact is known.
    remedy: str

    @property
    def owner(self) -> str:
        """The distribution and its version, as messages name it."""
        return f"{self.distribution} {self.version}".strip()

    @property
    def is_built_in(self) -> bool:
        """Whether this comes with the program itself."""
        return canonical(self.distribution) == BUILT_IN

    def failure(self, stage: str, reason: str, hint: str) -> Failure:
        """Return a failure in this plugin's name."""
        return Failure(
            plugin=self.name,
            distribution=self.distribution,
            version=self.version,
            stage=stage,
            reason=reason,
            hint=hint,
        )


class Refused(Exception):  # noqa: N818  a decision, not an accident
    """A plugin breaks a rule; only ever raised under `guarded`, which makes a failure of it."""

    def __init__(self, reason: str, hint: str, stage: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        #: Where it went wrong, if earlier than where it is raised.
        self.stage = stage


def guarded(candidate: Candidate, stage: str, what: str, work: Callable[[], T]) -> T | Failure:
    """Do `work`, which runs a plugin's code, and return what went wrong instead of raising it.

    sys.exit is caught too; only an interrupt by the user goes through. What the plugin prints
    goes to standard error, because standard output belongs to the data.
    """
    try:
        with redirect_stdout(sys.stderr):
            return work()
    except Refused as refused:
        return candidate.failure(refused.stage or stage, refused.reason, refused.hint)
    except (Exception, SystemExit) as error:  # noqa: BLE001  a stranger's code raises anything
        return candidate.failure(stage, f"{what} failed: {_said(error)}.", _help(candidate, error))


def _said(error: BaseException) -> str:
    """Say an error in one line, even one whose own text can't be had."""
    try:
        text = " ".join(str(error).split()).rstrip(".")
    except Exception:  # noqa: BLE001  __str__ is the stranger's code as well
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _help(candidate: Candidate, error: BaseException) -> str:
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return candidate.remedy
    module = candidate.location.partition(":")[0]
    if f"{module}.".startswith(f"{error.name}."):
        return f"The entry point names a module that isn't there. {candidate.remedy}"
    return f"It needs the module {error.name!r}: install that beside storj-monitor."
