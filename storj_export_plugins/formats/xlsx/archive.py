"""The ZIP archive that a workbook is, without the time of the clock in it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

if TYPE_CHECKING:
    import os

    from _typeshed import SizedBuffer

#: The earliest time that a ZIP archive can state.
_EARLIEST = datetime(1980, 1, 1)  # noqa: DTZ001  neither ZIP nor openpyxl knows zones
_READABLE = 0o644 << 16


def file_time(moment: datetime | None) -> datetime:
    """Return a time as the file states it: in UTC, without a zone, not before 1980."""
    if moment is None:
        return _EARLIEST
    return max(moment.astimezone(UTC).replace(tzinfo=None, microsecond=0), _EARLIEST)


class DatedZip(ZipFile):
    """An archive whose members are all of one time, so that the same content gives same bytes."""

    def __init__(self, file: IO[bytes], made_at: datetime) -> None:
        super().__init__(file, "w", ZIP_DEFLATED)
        self._date_time = made_at.timetuple()[:6]

    def writestr(
        self,
        zinfo_or_arcname: str | ZipInfo,
        data: SizedBuffer | str,
        compress_type: int | None = None,
        compresslevel: int | None = None,
    ) -> None:
        """Add a member from memory."""
        name = zinfo_or_arcname if isinstance(zinfo_or_arcname, str) else zinfo_or_arcname.filename
        super().writestr(self._member(name), data, compress_type, compresslevel)

    def write(
        self,
        filename: str | os.PathLike[str],
        arcname: str | os.PathLike[str] | None = None,
        compress_type: int | None = None,  # noqa: ARG002  the archive's own is used
        compresslevel: int | None = None,  # noqa: ARG002
    ) -> None:
        """Add a member from a file, without its time."""
        member = self._member(str(arcname or filename))
        member.file_size = Path(filename).stat().st_size
        with Path(filename).open("rb") as source, self.open(member, "w") as target:
            shutil.copyfileobj(source, target)

    def _member(self, name: str) -> ZipInfo:
        member = ZipInfo(name, self._date_time)
        member.compress_type = ZIP_DEFLATED
        member.external_attr = _READABLE
        return member
