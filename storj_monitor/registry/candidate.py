"""A plugin that nobody has looked into yet, and the guard under which its code runs."""

from __future__ import annotations

import re
import sys
import threading
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from storj_monitor.errors import Failure
from storj_monitor.logs import log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

#: The distribution of the built-in plugins: always used, and first in every list.
BUILT_IN = "storj-monitor"
#: Who waits longer than that for a plugin is told for which.
_SLOW_SECONDS = 10.0


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

    @property
    def exclusion(self) -> str:
        """How an operator does without it; a built-in can't be left out."""
        if self.is_built_in:
            return self.remedy
        return (
            f'To leave it out: block = ["{self.name}"] under [plugins] in the settings, or '
            "STORJ_MONITOR_PLUGIN_FILTER=none, which leaves out all but the built-ins."
        )

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


class Overdue(BaseException):
    """Raised in the middle of a plugin's code by who waits no longer, as a signal's handler may.

    It is no Exception, or a plugin that tries something again and again would just go on.
    """

    def __init__(self, what: str = "loading the plugins", hint: str = "") -> None:
        super().__init__(what)
        #: What took so long; `guarded` fills in which plugin it was, and what helps.
        self.what = what
        self.hint = hint


def guarded(candidate: Candidate, stage: str, what: str, work: Callable[[], T]) -> T | Failure:
    """Do `work`, which runs a plugin's code, and return what went wrong instead of raising it.

    sys.exit is caught too; only an interrupt by the user goes through, and Overdue. What the
    plugin prints goes to standard error, because standard output belongs to the data. One that
    takes long is named in the log.
    """
    try:
        with redirect_stdout(sys.stderr), _named_if_slow(candidate, stage, what):
            return work()
    except Overdue as overdue:
        whose = f"plugin {candidate.name!r} from {candidate.owner}: {what}"
        raise Overdue(whose, candidate.exclusion) from overdue
    except Refused as refused:
        return candidate.failure(refused.stage or stage, refused.reason, refused.hint)
    except (Exception, SystemExit) as error:  # noqa: BLE001  a stranger's code raises anything
        return candidate.failure(stage, f"{what} failed: {_said(error)}.", _help(candidate, error))


@contextmanager
def _named_if_slow(candidate: Candidate, stage: str, what: str) -> Iterator[None]:
    """Log once that the block takes long; the built-ins are spared what it costs to know that."""
    if candidate.is_built_in:
        yield
        return
    reason = f"{what} isn't done after {_SLOW_SECONDS:g} seconds."
    slow = candidate.failure(stage, reason, candidate.exclusion)
    # A thread, since the one that waits is in the plugin's hands.
    timer = threading.Timer(_SLOW_SECONDS, warn, ("plugin.slow", slow))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def warn(event: str, failure: Failure) -> None:
    """Log what is wrong with a plugin."""
    log().warning(
        event,
        plugin=failure.plugin,
        distribution=failure.distribution,
        stage=failure.stage,
        reason=failure.reason,
        hint=failure.hint,
    )


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
