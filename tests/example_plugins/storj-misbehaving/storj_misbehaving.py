"""Formats that do, while they work, what a format must not do: each costs one export."""

import ctypes
import os
import sys
import time

from storj_monitor.plugin import Format, hookimpl

#: Far more than any limit of a test; bounded, so that a missing limit is no danger to a machine.
HOG_BYTES = 2_000_000_000
#: How long a reader has to be given what was rendered before things go wrong.
PAUSE_SECONDS = 1.0


def lines(document):
    """Give a line a row, as soon as it was read."""
    for table in document.tables():
        for row in table.rows():
            yield f"{row}\n".encode()


def fails_first(document):
    """Raise before the first chunk."""
    next(lines(document))
    message = "a fault before the first chunk"
    raise RuntimeError(message)
    yield b"never"


def fails_later(document):
    """Raise after the third chunk."""
    for number, line in enumerate(lines(document), 1):
        yield line
        if number == 3:
            time.sleep(PAUSE_SECONDS)
            message = "a fault after the third chunk"
            raise RuntimeError(message)


def exits(document):
    """Call sys.exit, as a script would."""
    next(lines(document))
    sys.exit("a format that exits")
    yield b"never"


def vanishes(document):
    """End the process with no word to anybody."""
    next(lines(document))
    os._exit(0)
    yield b"never"


def vanishes_later(document):
    """End the process after the third chunk, when the client has a part of the file."""
    for number, line in enumerate(lines(document), 1):
        yield line
        if number == 3:
            time.sleep(PAUSE_SECONDS)
            os._exit(0)


def crashes(document):
    """Read where nothing is: a segmentation fault."""
    next(lines(document))
    ctypes.string_at(0)
    yield b"never"


def loops(document):
    """Go on for ever and give nothing."""
    next(lines(document))
    while True:
        pass
    yield b"never"


def hogs(document):
    """Take ever more memory."""
    held = []
    for line in lines(document):
        while len(held) * 10_000_000 < HOG_BYTES:
            held.append(b"\x01" * 10_000_000)
        yield line


def texts(document):
    """Give str in the place of bytes."""
    yield from (line.decode() for line in lines(document))


def prints(document):
    """Print on standard output, in Python and below it, while the data is on its way."""
    for line in lines(document):
        print("printed by a plugin", flush=True)
        os.write(1, b"written by a library\n")
        yield line


@hookimpl
def storj_formats():
    renders = (
        *(fails_first, fails_later, exits, vanishes, vanishes_later),
        *(crashes, loops, hogs, texts, prints),
    )
    return [
        Format(
            name=render.__name__,
            title=f"Misbehaves: {render.__name__}",
            media_type="text/plain",
            render=render,
        )
        for render in renders
    ]
