"""A bundled font inside one file: its letters as codes of one byte, and only those it used."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from storj_export_plugins.formats.pdf.faces import font
from storj_export_plugins.formats.pdf.writer import escaped

if TYPE_CHECKING:
    from storj_export_plugins.formats.pdf.writer import Writer

_CODES = 256
_SPACE = ord(" ")
#: The letters of western Europe stand at their places in this table, so that whole pages of them
#: are encoded at once; all others get a code when they are first met.
_TABLE = "cp1252"
#: Embedded, and with codes of its own.
_SYMBOLIC = 4


class Typeface:
    """Encodes text for one font of one file, and writes that font at the end.

        typeface = Typeface("M", "DejaVuSansMono", advance=0.602)
        content = b"BT " + typeface.shown("Müller 🚀", 9) + b" ET"
        resources = typeface.finish(writer)

    With an `advance` every character takes that part of the size, also one that only the
    `fallback` has.
    """

    def __init__(
        self, key: str, name: str, *, advance: float = 0, fallback: Typeface | None = None
    ) -> None:
        self.name = name
        self._key = key
        self._face: Any = font(name).face
        self._advance = advance
        self._fallback = fallback
        self._subsets: list[dict[int, str]] = [{}]
        #: The codes of the first subset that were met.
        self._known = b""
        self._places: dict[str, tuple[int, int]] = {}

    def encoded(self, text: str) -> bytes | None:
        """Return the codes of `text` in the first subset; None where other letters are in it."""
        try:
            codes = text.encode(_TABLE)
        except UnicodeEncodeError:
            return None
        if new := codes.translate(None, self._known):
            self._known += bytes({*new})
            letters = {code: bytes((code,)).decode(_TABLE) for code in new if code >= _SPACE}
            self._subsets[0].update(letters)
        return codes

    def select(self, size: float, subset: int = 0) -> bytes:
        """Return the operator that chooses the font."""
        return b"/%b %b Tf " % (self._resource(subset), f"{size:.4g}".encode())

    def shown(self, text: str, size: float) -> bytes:
        """Return the operators that show `text`, the font of its last letters left chosen."""
        codes = self.encoded(text)
        if codes is not None:
            return b"%b(%b) Tj " % (self.select(size), escaped(codes))
        parts = []
        for (typeface, subset), chars in groupby(text, self._place):
            run = "".join(chars)
            parts.append(typeface.select(size, subset))
            if typeface is self:
                parts.append(b"(%b) Tj " % escaped(self._codes(run)))
            else:
                parts += [typeface.fitted(char, self._advance) for char in run]
        return b"".join(parts)

    def fitted(self, char: str, advance: float) -> bytes:
        """Return the operators that show a character in a cell of another font's width."""
        width, cell = self._face.getCharWidth(ord(char)), advance * 1000
        codes = escaped(self._codes(char))
        if width <= cell:
            side = (cell - width) / 2
            return b"[%d (%b) %d] TJ " % (-side, codes, -side)
        return b"%.2f Tz (%b) Tj 100 Tz " % (100 * cell / width, codes)

    def _place(self, char: str) -> tuple[Typeface, int]:
        if self._fallback and ord(char) not in self._face.charToGlyph:
            return self._fallback, self._fallback.code(char)[0]
        return self, self.code(char)[0]

    def _codes(self, text: str) -> bytes:
        return bytes(self.code(char)[1] for char in text)

    def code(self, char: str) -> tuple[int, int]:
        """Return the subset that a character is in, and its code there."""
        if (codes := self.encoded(char)) is not None:
            return 0, codes[0]
        if char not in self._places:
            if len(self._subsets) == 1 or len(self._subsets[-1]) == _CODES - _SPACE - 1:
                self._subsets.append({})
            subset = len(self._subsets) - 1
            # After the space, which moves words apart in some readers.
            code = _SPACE + 1 + len(self._subsets[-1])
            self._subsets[-1][code] = char
            self._places[char] = subset, code
        return self._places[char]

    def finish(self, writer: Writer) -> bytes:
        """Write the letters that were used; return the entries of the pages' resources."""
        return b"".join(
            b"/%b %d 0 R" % (self._resource(number), self._written(writer, number, letters))
            for number, letters in enumerate(self._subsets)
            if letters
        )

    def _resource(self, subset: int) -> bytes:
        return f"{self._key}{subset}".encode()

    def _written(self, writer: Writer, subset: int, letters: dict[int, str]) -> int:
        face = self._face
        codes = [ord(letters.get(code, " ")) for code in range(_CODES)]
        name = f"{'AAAAA'}{chr(ord('A') + subset % 26)}+{self.name}".encode()
        program = face.makeSubset(codes)
        file = writer.stream(program, b"/Length1 %d" % len(program))
        descriptor = writer.put(
            b"<</Type/FontDescriptor/FontName/%b/Flags %d/FontBBox[%b]/ItalicAngle %d/Ascent %d"
            b"/Descent %d/CapHeight %d/StemV %d/FontFile2 %d 0 R>>"
            % (
                *(name, _SYMBOLIC | face.flags & 1, " ".join(map(str, face.bbox)).encode()),
                *(face.italicAngle, face.ascent, face.descent, face.capHeight, face.stemV, file),
            )
        )
        widths = " ".join(f"{face.getCharWidth(code):g}" for code in codes).encode()
        meanings = writer.stream(_meanings(letters))
        return writer.put(
            b"<</Type/Font/Subtype/TrueType/BaseFont/%b/FirstChar 0/LastChar 255/Widths[%b]"
            b"/FontDescriptor %d 0 R/ToUnicode %d 0 R>>" % (name, widths, descriptor, meanings)
        )


def _meanings(letters: dict[int, str]) -> bytes:
    """Return the map from codes to characters, so that text can be found and copied."""
    lines = [
        f"<{code:02X}> <{char.encode('utf-16-be').hex().upper()}>"
        for code, char in sorted(letters.items())
    ]
    blocks = [lines[first : first + 100] for first in range(0, len(lines), 100)]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo <</Registry (Adobe)/Ordering (UCS)/Supplement 0>> def",
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            "1 begincodespacerange <00> <FF> endcodespacerange",
            *("\n".join([f"{len(block)} beginbfchar", *block, "endbfchar"]) for block in blocks),
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        ]
    ).encode()
