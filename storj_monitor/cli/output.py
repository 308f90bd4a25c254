"""Where an export goes: standard output, or a file that appears only when it is whole."""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import closing, contextmanager, redirect_stdout
from typing import TYPE_CHECKING, BinaryIO

import click

from storj_monitor.cli.progress import counter
from storj_monitor.errors import OperatorError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storj_monitor.exports.pipeline import Export

_TEXTS = ("text/", "application/json", "application/x-ndjson")


def to_standard_output(export: Export) -> None:
    """Write the bytes to standard output; a binary format onto a terminal is refused."""
    if export.request.manifest:
        detail = "a manifest is written beside a file, and there is none"
        raise Problem("bad_request", detail, f"Name a file: -o {export.file_name}")
    format_ = export.request.format
    if sys.stdout.isatty() and not format_.media_type.startswith(_TEXTS):
        detail = f"{format_.name} is no text, and standard output is a terminal"
        raise Problem("bad_request", detail, f"Name a file: -o {export.file_name}")
    _write(export, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def to_file(export: Export, path: Path) -> None:
    """Write `<path>.part`, rename it when it is whole, and say what it holds on standard error."""
    if path.is_dir():
        reason = f"{path} is a folder"
        raise OperatorError(reason, f"Name a file: -o {path / export.file_name}")
    if path.exists() and not path.is_file():
        _to_device(export, path)
        return
    place = path.absolute()  # a plugin may go to another folder
    with _appearing(place) as file:
        digest = _write(export, file)
    if export.request.manifest:
        from storj_monitor.exports.manifest import manifest_of

        with _appearing(place.with_name(f"{path.name}.manifest.json")) as file:
            file.write(manifest_of(export, digest, path.name))
    size = f"{export.rows:,} rows, {export.bytes:,} bytes"
    click.echo(f"{path}: {size}, sha256 {digest}", err=True)


@contextmanager
def _appearing(path: Path) -> Iterator[BinaryIO]:
    """Give `<path>.part` to write to, and rename it when that is done; or there is no file."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        reason = f"{path} can't be written: {error.strerror}"
        raise OperatorError(reason, "Check the folder, and the space that is left.") from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _to_device(export: Export, path: Path) -> None:
    """Write to what has no content to keep whole, such as a pipe: it must not be replaced."""
    with path.open("wb") as device:
        _write(export, device)


def _write(export: Export, file: BinaryIO) -> str:
    """Write the bytes and return their sha256; a plugin that prints does so on standard error."""
    digest = hashlib.sha256()
    chunks = export.chunks()
    with closing(chunks), counter(export.file_name) as tell, redirect_stdout(sys.stderr):
        export.begin()
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            tell(export.rows, export.bytes)
    return digest.hexdigest()
