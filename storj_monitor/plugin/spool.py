"""A way to stream formats whose library wants a file that can seek."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: How much is handed on at once.
CHUNK_BYTES = 256 * 1024


def spooled(write: Callable[[IO[bytes]], None]) -> Iterator[bytes]:
    """Let `write(file)` fill a seekable temporary file, then yield its bytes in chunks.

        def render(document):
            return spooled(lambda file: workbook_of(document).save(file))

    The file has no name, so it is gone when the iterator is done, closed or abandoned. Raises
    whatever `write` raises, before the first chunk.
    """
    with TemporaryFile() as file:
        write(file)
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
