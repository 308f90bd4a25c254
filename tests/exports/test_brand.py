from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.errors import OperatorError
from storj_monitor.exports.brand import MOST_LOGO_BYTES, Brand, brand_of
from storj_monitor.settings import BrandSettings

if TYPE_CHECKING:
    from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20) + b"IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + bytes(20) + b"\xff\xd9"


def test_without_settings_there_is_no_brand() -> None:
    assert brand_of(BrandSettings()) == brand_of(BrandSettings(name=" ")) == Brand(None, None)


@pytest.mark.parametrize("content", [PNG, JPEG])
def test_a_name_and_a_picture_are_taken_as_they_are(tmp_path: Path, content: bytes) -> None:
    logo = tmp_path / "logo"
    logo.write_bytes(content)
    assert brand_of(BrandSettings(name="Attic & Co", logo=logo)) == Brand("Attic & Co", content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "can't be read: No such file or directory"),
        (b"", "is no PNG or JPEG file, or not a whole one"),
        (b"<svg/>", "is no PNG or JPEG file, or not a whole one"),
        (PNG[:-4], "is no PNG or JPEG file, or not a whole one"),
        (JPEG[:-1], "is no PNG or JPEG file, or not a whole one"),
        (PNG + bytes(MOST_LOGO_BYTES), "is larger than 1,000,000 bytes"),
    ],
)
def test_a_picture_that_can_not_be_used_is_refused(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    logo = tmp_path / "logo.png"
    if content is not None:
        logo.write_bytes(content)
    with pytest.raises(OperatorError) as refused:
        brand_of(BrandSettings(logo=logo))
    assert refused.value.reason == f"the logo {logo} {said}"
    assert refused.value.hint
