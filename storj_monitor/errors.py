"""What can go wrong in a way that a person can mend, said in words for that person."""

from __future__ import annotations

from dataclasses import dataclass

#: code -> (HTTP status, title). The codes are part of the public contract: programs go by them, and
#: the README lists them.
PROBLEMS: dict[str, tuple[int, str]] = {
    "unknown_source": (404, "No such source"),
    "unknown_report": (404, "No such report"),
    "not_found": (404, "Nothing here"),
    "unknown_format": (400, "No such format"),
    "unknown_node": (400, "No such node"),
    "unknown_column": (400, "No such column"),
    "unknown_filter": (400, "No such filter"),
    "unknown_preset": (400, "No such preset"),
    "bad_filter": (400, "A filter makes no sense"),
    "bad_option": (400, "An option makes no sense"),
    "bad_span": (400, "The span makes no sense"),
    "bad_timezone": (400, "No such time zone"),
    "bad_schedule": (400, "The schedule makes no sense"),
    "bad_json": (400, "The body is no JSON"),
    "bad_request": (400, "The request makes no sense"),
    "unauthorized": (401, "Not logged in"),
    "forbidden": (403, "Not allowed"),
    "method_not_allowed": (405, "Not that way"),
    "too_large": (413, "Too large"),
    "bad_range": (416, "No such part"),
    "busy": (429, "Busy"),
    "export_failed": (500, "The export failed"),
    "no_space": (507, "No space left"),
}


class Problem(Exception):  # noqa: N818  the word of RFC 9457
    """A request that can't be answered: `detail` says what and why, `hint` what would work.

    HTTP answers it as application/problem+json, the CLI as one line and an exit code.
    """

    def __init__(self, code: str, detail: str, hint: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.hint = hint

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return PROBLEMS[self.code][0]

    @property
    def title(self) -> str:
        """A few words for the code, the same every time."""
        return PROBLEMS[self.code][1]

    @property
    def is_the_callers(self) -> bool:
        """Whether the request itself made no sense (and would make none when repeated)."""
        return self.status in (400, 404)


class OperatorError(Exception):
    """Something on this machine is not as it must be: `reason` says what, `hint` what to do."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a plugin is not used: at which stage, for what reason, and what would help."""

    plugin: str
    distribution: str
    version: str
    stage: str
    reason: str
    hint: str

    def __str__(self) -> str:
        """Say it in one line, naming the plugin and where it comes from."""
        owner = f"{self.distribution} {self.version}".strip()
        return (
            f"plugin {self.plugin!r} from {owner}: {self.stage}: {self.reason} {self.hint}".strip()
        )
