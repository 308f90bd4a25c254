"""Rendering a document as the program does it, every chunk looked at."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from storj_monitor.plugin import Document, OptionError
from storj_monitor.testing.documents import given_to
from storj_monitor.testing.rules import broken, unbroken
from storj_monitor.testing.streams import Meter, WatchedStream

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from storj_monitor.plugin import Format

_RENDERS = "every document can be written, whatever is in it: an exception fails the whole export."
_ONCE = (
    "a table is a stream that is read once, by table.rows() or by table.batches: the rows come "
    "from the database and are gone. Do in one loop what has to be done with them."
)
_BYTES = "render yields bytes, which are what the file consists of: encode texts, such as by UTF-8."
_OPTIONS = "options that can't go together are refused before anything of the file was yielded."


def rendered(
    format_: Format, document: Document, options: Mapping[str, str] | None = None
) -> bytes:
    """Return the whole file, as somebody who downloads it gets it."""
    return b"".join(chunks_of(format_, given_to(format_, document, options)))


def digest(content: bytes) -> str:
    """Return what tells two files apart, and can be sent from one process to another."""
    return sha256(content).hexdigest()


def chunks_of(format_: Format, document: Document) -> Generator[bytes]:
    """Yield the chunks of a file; fail the test where one is no bytes, or something is raised.

    OSError and OptionError are let through: a test asked for them. Closing it closes the format.
    """
    is_begun = False
    chunks = _iterator(format_, document)
    try:
        for chunk in _watched(chunks, f"rendering {document.title!r} as {format_.name!r}"):
            is_begun = is_begun or bool(chunk)
            yield chunk
    except OptionError as error:
        if is_begun:
            broken(f"OptionError came after the first bytes: {error}", _OPTIONS)
        raise
    finally:
        if close := getattr(chunks, "close", None):
            close()


def memory_of(format_: Format, batches: int, share: float) -> tuple[int, int]:
    """Render so many batches, and return the most that was held, and what all rows take (bytes).

    It is broken off when more than this share is held.
    """
    stream = WatchedStream(batches)
    stream.bearable = share * stream.nbytes
    document = given_to(format_, Document("Long", (stream.table(),)))
    with Meter() as meter:
        stream.meter = meter
        for _ in chunks_of(format_, document):
            meter.look()
    return meter.peak, stream.nbytes


def by_turns(files: Sequence[Iterator[bytes]]) -> list[bytes]:
    """Read several files at once, a chunk of each in turn, and return them whole."""
    contents = [b"" for _ in files]
    going_on = dict(enumerate(files))
    while going_on:
        for index, chunks in list(going_on.items()):
            chunk = next(chunks, None)
            if chunk is None:
                del going_on[index]
            else:
                contents[index] += chunk
    return contents


def _iterator(format_: Format, document: Document) -> Iterator[bytes]:
    with unbroken(f"render of {format_.name!r}", _RENDERS):
        given = format_.render(document)
        if isinstance(given, bytes | bytearray | str):
            broken(
                f"render returned a {type(given).__name__} instead of chunks of bytes.",
                "render is a generator: it yields the file in parts, as soon as it has some.",
            )
        return iter(given)


def _watched(chunks: Iterator[object], what: str) -> Generator[bytes]:
    while True:
        try:
            with unbroken(what, _RENDERS, (OSError, OptionError, RuntimeError)):
                chunk = next(chunks, None)
        except RuntimeError as error:
            if "was read before" in str(error):
                broken(f"While {what}, a table was read a second time.", _ONCE)
            with unbroken(what, _RENDERS):
                raise
        if chunk is None:
            return
        if not isinstance(chunk, bytes | bytearray | memoryview):
            broken(f"While {what}, it yielded a {type(chunk).__name__}: {chunk!r:.80}", _BYTES)
        yield bytes(chunk)
