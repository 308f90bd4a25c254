"""The token in a file of its own: read if it is there, made and shown once if it isn't."""

from __future__ import annotations

import os
import secrets
import stat
from typing import TYPE_CHECKING

import msgspec

from storj_monitor.errors import OperatorError
from storj_monitor.logs import log

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from storj_monitor.settings import Settings

#: For the owner alone.
_MODE = 0o600
_MOST_BYTES = 4096
_FILE_HINT = (
    "Put one line with the token into it, or remove it and the next start makes one "
    "(web.token_file, or STORJ_MONITOR_TOKEN_FILE)."
)


def with_token(settings: Settings, announce: Callable[[str], None]) -> Settings:
    """Return the settings with the token of their token file in its place, if they name one.

    Where there is no such file it is made, with a token of its own, which `announce` is told this
    one time. Raises OperatorError for a file that can't be used.
    """
    path = settings.web.token_file
    if path is None:
        return settings
    try:
        token = _read(path) or _made(path, announce)
    except OSError as error:
        reason = f"the token file {path} can't be used: {error.strerror}"
        raise OperatorError(reason, _FILE_HINT) from error
    web = msgspec.structs.replace(settings.web, token=token, token_file=None)
    return msgspec.structs.replace(settings, web=web)


def _read(path: Path) -> str | None:
    """Return what is in the file; None where there is none."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    if mode & (stat.S_IRGRP | stat.S_IROTH):
        # Secrets of a container are often so, and reach nobody else.
        log().warning("token_file.others_may_read", path=str(path), mode=f"{mode & 0o777:o}")
    return _token_of(path, content)


def _token_of(path: Path, content: bytes) -> str:
    try:
        token = content.decode().strip()
    except UnicodeDecodeError:
        token = ""
    if not token.isprintable() or not token or len(content) > _MOST_BYTES:
        reason = f"the token file {path} holds no token: that is one line of text"
        raise OperatorError(reason, _FILE_HINT)
    return token


def _made(path: Path, announce: Callable[[str], None]) -> str:
    """Make the file, for the owner alone; it never takes another's place."""
    token = secrets.token_urlsafe(32)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    except FileExistsError:  # another server was faster
        return _token_of(path, path.read_bytes())
    try:
        with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123  of a descriptor
            file.write(f"{token}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
    announce(f"made the token {token} (it is in {path}, and is not shown again)")
    return token
