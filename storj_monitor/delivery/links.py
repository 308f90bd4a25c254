"""Links to files that were too large to send: signed, and good until a time.

/api/files/ID?expires=SECONDS&signature=HEX
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import secrets
import tempfile
from contextlib import suppress
from time import sleep
from typing import IO, TYPE_CHECKING

from storj_monitor.errors import OperatorError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

_KEY_BYTES = 32
#: How often, and how long, to wait for a key that another process is writing.
_LOOKS, _PAUSE_SECONDS = 40, 0.05


class Signer:
    """Signs with a key that lies beside the database, and is made when it is first needed.

    Whoever shares the database shares the key. It isn't in the database, so that a copy of that
    gives no one a link. Its methods read the disk once; each raises OperatorError where there can
    be no key.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}.key")
        self._key = b""

    def link(self, public_url: str, file_id: str, until: datetime) -> str:
        """Return the address of a finished file, which is good until then."""
        expires = int(until.timestamp())
        signature = self._signature("file", file_id, str(expires))
        query = f"expires={expires}&signature={signature}"
        return f"{public_url.rstrip('/')}/api/files/{file_id}?{query}"

    def is_signed(self, file_id: str, expires: str, signature: str) -> bool:
        """Say whether a link was made here; that it has expired is for the caller to see."""
        right = self._signature("file", file_id, expires).encode()
        return hmac.compare_digest(signature.encode("utf-8", "replace"), right)

    def parcel_key(self, *parts: object) -> str:
        """Return what stands for a parcel: the same for the same parts, and nobody else's."""
        return self._signature("parcel", *map(str, parts))[:32]

    def _signature(self, *parts: str) -> str:
        # The lengths keep a part from reaching into the next.
        words = "".join(f"{len(part)}:{part}" for part in parts)
        self._key = self._key or self._read_or_made()
        content = words.encode("utf-8", "surrogatepass")
        return hmac.new(self._key, content, hashlib.sha256).hexdigest()

    def _read_or_made(self) -> bytes:
        try:
            with suppress(FileExistsError):
                if not self._path.exists():
                    self._make()
            key = self._read()
        except OSError as error:
            reason = f"the key {self._path} can't be read or made: {error.strerror}"
            raise OperatorError(reason, "It has to be beside the database.") from error
        if len(key) != _KEY_BYTES:
            reason = f"the key {self._path} has {len(key)} bytes, not {_KEY_BYTES}"
            raise OperatorError(reason, "Remove it: a new one is made, and links sent so far end.")
        return key

    def _read(self) -> bytes:
        """Return what the file has; a key that isn't whole yet is waited for."""
        for _ in range(_LOOKS):
            key = self._path.read_bytes()
            if len(key) >= _KEY_BYTES:
                break
            sleep(_PAUSE_SECONDS)
        return key

    def _make(self) -> None:
        """Make the key, whole at once if possible; FileExistsError where another was first."""
        key = secrets.token_bytes(_KEY_BYTES)
        with tempfile.NamedTemporaryFile(dir=self._path.parent, prefix=".key-") as file:
            _write(file, key)
            try:
                # Unlike a rename, this never replaces the key that another process made just now.
                os.link(file.name, self._path)
            except FileExistsError:
                raise
            except OSError:  # exFAT and some network shares have no second names for a file
                self._make_in_place(key)

    def _make_in_place(self, key: bytes) -> None:
        """Make the key under its name, so that others may see it before it is whole, and wait."""
        with open(self._path, "xb", buffering=0, opener=_for_owner) as file:
            try:
                _write(file, key)
            except OSError:
                # Whoever has seen it whole goes on with it: then it has to stay.
                if os.fstat(file.fileno()).st_size < _KEY_BYTES:
                    self._path.unlink()
                raise


def _write(file: IO[bytes], key: bytes) -> None:
    """Write a key so that it is on the disk."""
    if file.write(key) < len(key):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    file.flush()
    os.fsync(file.fileno())


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
