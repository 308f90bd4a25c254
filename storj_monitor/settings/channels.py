"""What the operator set for channels: texts, of the file, of the environment, of files of secrets.

Which settings there are only the channel knows: here they are found, and nothing is checked.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from storj_monitor.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PREFIX = "STORJ_MONITOR_CHANNEL_"
_FILE = "_file"
_MOST_BYTES = 100_000


def with_variables(section: object, environment: Mapping[str, str]) -> object:
    """Return `[channels]` with the variables STORJ_MONITOR_CHANNEL_NAME_KEY in their places.

    NAME is the longest that the file has, and else ends at the first _: a channel that has one in
    its name needs its section in the file, even an empty one. An empty variable says nothing.
    """
    if not isinstance(section, dict):  # it is refused where settings are checked
        return section
    channels = {name: _as_texts(values) for name, values in section.items()}
    for variable, value in sorted(environment.items()):
        if value and variable.startswith(_PREFIX):
            name, key = _place(variable.removeprefix(_PREFIX).lower(), channels)
            values = channels.setdefault(name, {}) if key else None
            if isinstance(values, dict):
                values[key] = value
                values.pop(_other(key), None)
    return channels


def _as_texts(values: object) -> object:
    """Return what TOML knows as numbers and flags as the texts that channels are given."""
    if not isinstance(values, dict):
        return values
    texts: dict[str, object] = {}
    for key, value in values.items():
        match value:
            case bool():
                texts[key] = "on" if value else "off"
            case int() | Decimal():
                texts[key] = str(value)
            case _:
                texts[key] = value
    return texts


def _place(words: str, known: Iterable[str]) -> tuple[str, str]:
    fitting = [name for name in known if words.startswith(f"{name}_")]
    name = max(fitting, key=len, default=words.partition("_")[0])
    return name, words[len(name) + 1 :]


def _other(key: str) -> str:
    """Return the other spelling, which the environment overrules too: KEY for KEY_file."""
    return key.removesuffix(_FILE) if key.endswith(_FILE) else f"{key}{_FILE}"


def spelt_out(channel: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return a channel's settings, each KEY_file replaced by KEY with what that file holds.

    Raises OperatorError for a file that can't be read, and where both are given.
    """
    values = dict(given)
    for key in [key for key in given if key.endswith(_FILE)]:
        where = f"{key} under [channels.{channel}]"
        if key.removesuffix(_FILE) in given:
            reason = f"both {key.removesuffix(_FILE)} and {where} are given"
            raise OperatorError(reason, "Leave one of them out.")
        values[key.removesuffix(_FILE)] = _content(Path(values.pop(key)), where)
    return values


def _content(path: Path, where: str) -> str:
    hint = "It holds the setting as a text in UTF-8, such as a password on one line."
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        text = content.decode().strip()
    except OSError as error:
        reason = f"{path}, {where}, can't be read: {error.strerror}"
        raise OperatorError(reason, hint) from error
    except UnicodeDecodeError:
        text = ""
    if not text or len(content) > _MOST_BYTES:
        reason = f"{path}, {where}, holds nothing that could be meant"
        raise OperatorError(reason, hint)
    return text
