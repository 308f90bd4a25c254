"""The operator's own name and picture on reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storj_monitor.errors import OperatorError

if TYPE_CHECKING:
    from pathlib import Path

    from storj_monitor.settings import BrandSettings

MOST_LOGO_BYTES = 1_000_000
#: How a picture's file begins, and what a whole one has towards its end.
_PNG = (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82")
_JPEG = (b"\xff\xd8\xff", b"\xff\xd9")


@dataclass(frozen=True)
class Brand:
    """What stands on every report: a name, and the bytes of a PNG or JPEG file."""

    name: str | None = None
    logo: bytes | None = None


NO_BRAND = Brand()


def brand_of(settings: BrandSettings) -> Brand:
    """Read the picture; raise OperatorError when it is none, isn't whole or is too large."""
    logo = None if settings.logo is None else _logo(settings.logo)
    return Brand(settings.name.strip() or None, logo)


def _logo(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_LOGO_BYTES + 1)
    except OSError as error:
        reason = f"the logo {path} can't be read: {error.strerror}"
        raise OperatorError(reason, "Mend logo under [brand] in the settings.") from error
    if len(content) > MOST_LOGO_BYTES:
        reason = f"the logo {path} is larger than {MOST_LOGO_BYTES:,} bytes"
        raise OperatorError(reason, "Make it smaller: a few hundred pixels are enough.")
    for begins, ends in (_PNG, _JPEG):
        if content.startswith(begins) and ends in content:
            return content
    reason = f"the logo {path} is no PNG or JPEG file, or not a whole one"
    raise OperatorError(reason, "Save it as PNG or JPEG, and name that file.")
