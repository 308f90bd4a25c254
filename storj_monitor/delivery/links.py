"""Links to files that were too large to send: signed, and good until a time.

/api/files/ID?expires=SECONDS&signature=HEX
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING

from storj_monitor.errors import OperatorError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

_KEY_BYTES = 32


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
            key = self._path.read_bytes()
        except OSError as error:
            reason = f"the key {self._path} can't be read or made: {error.strerror}"
            raise OperatorError(reason, "It has to be beside the database.") from error
        if len(key) != _KEY_BYTES:
            reason = f"the key {self._path} has {len(key)} bytes, not {_KEY_BYTES}"
            raise OperatorError(reason, "Remove it: a new one is made, and links sent so far end.")
        return key

    def _make(self) -> None:
        """Make the key, whole at once; FileExistsError where another process was first."""
        with tempfile.NamedTemporaryFile(dir=self._path.parent, prefix=".key-") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
            # Unlike a rename, this never replaces the key that another process made just now.
            os.link(file.name, self._path)
