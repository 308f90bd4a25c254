"""Letters of a PDF: what no font has, right-to-left scripts, and lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storj_export_plugins.formats.pdf.faces import BOLD, ITALIC, MONO, REGULAR, font, width
from storj_export_plugins.formats.pdf.letters import (
    BOX,
    in_visual_order,
    missing,
    printable,
    turned,
)
from storj_export_plugins.formats.pdf.wrapping import clipped, wrapped

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("é ü € “x” Ωμ Жя ┌┐ 😀", "é ü € “x” Ωμ Жя ┌┐ 😀"),
        ("名 node", "□ node"),
        ("a\r\nb\tc\xa0d", "a  b c d"),
        ("a\x00\x1b\x7f\x85b\xad", "a□□□ b"),
        ("\ufffe\u200b", "□"),
        ("□", "□"),
    ],
)
def test_what_no_font_has_is_a_box(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert missing(text) == shown.count(BOX) - text.count(BOX)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("abc אבג def", "abc גבא def"),
        ("אבג abc", "abc גבא"),
        ("אבג 12:30", "12:30 גבא"),
        ("(אבג)", "(גבא)"),
        ("אבג (דה) 7", "7 (הד) גבא"),
        ("x 5 אב", "x 5 בא"),
    ],
)
def test_hebrew_is_put_into_the_order_in_which_it_is_seen(text: str, seen: str) -> None:
    assert in_visual_order(text) == seen


def test_arabic_letters_are_joined() -> None:
    # ain initial, qaf medial, dal final, teh marbuta isolated; seen from the right.
    assert printable("عقدة") == "\ufe93\ufeaa\ufed8\ufecb"


@given(TEXTS)
@settings(deadline=None)
def test_turning_keeps_every_character(text: str) -> None:
    mirrored = str.maketrans(")]}>»", "([{<«")
    turned = in_visual_order(text)
    assert sorted(turned.translate(mirrored)) == sorted(text.translate(mirrored))


@given(TEXTS, st.floats(10, 300))
@settings(deadline=None)
def test_no_line_is_wider_than_its_room(text: str, room: float) -> None:
    for line in wrapped(text, REGULAR, 8, room):
        # One letter stands alone even where it has no room; joined letters may be wider.
        if len(line) > 1 and not any("\ufe70" <= char <= "\ufeff" for char in line):
            assert width(line, REGULAR, 8) <= room + 1e-6


def test_words_are_broken_only_where_they_must_be() -> None:
    assert wrapped("one two", REGULAR, 10, 500) == ["one two"]
    assert wrapped("one two", REGULAR, 10, 30) == ["one", "two"]
    pieces = wrapped("n" * 500, REGULAR, 10, 100)
    assert "".join(pieces) == "n" * 500
    assert wrapped("", REGULAR, 10, 100) == [""]


def test_a_cut_line_ends_with_an_ellipsis() -> None:
    assert clipped("short", REGULAR, 8, 100) == "short"
    cut = clipped("n" * 500, REGULAR, 8, 100)
    assert cut.endswith("n…")
    assert width(cut, REGULAR, 8) <= 100


@pytest.mark.parametrize("name", [REGULAR, BOLD, ITALIC, MONO])
def test_every_bundled_font_has_western_letters_and_those_of_greek_and_cyrillic(name: str) -> None:
    letters = bytes(range(32, 256)).decode("cp1252", "ignore") + "Ωμέγα Москва ■□…"
    known = font(name).face.charToGlyph
    assert [char for char in letters if char.isprintable() and ord(char) not in known] == []


def test_a_sentence_that_begins_with_an_arabic_name_reads_from_left_to_right() -> None:
    name, rest = "\u05e2\u05d1\u05e8\u05d9\u05ea", ": no log for 8 hours (muted)."
    assert turned(f"{name}{rest}", "L") == f"{name[::-1]}{rest}"
    [line] = wrapped(f"{name}{rest}", REGULAR, 8, 400, base="L")
    assert line == f"{name[::-1]}{rest}"
