"""What holds the pages of a file together: order, fonts, bookmarks, numbers, properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_export_plugins.formats.pdf.paper import LANGUAGE, PROGRAM
from storj_export_plugins.formats.pdf.writer import escaped, points, text_string

if TYPE_CHECKING:
    from storj_export_plugins.formats.pdf.paper import About
    from storj_export_plugins.formats.pdf.typeface import Typeface
    from storj_export_plugins.formats.pdf.writer import Writer

#: Drawn on every page, and known when the last one is done: how many there are, and their hash.
TOTAL, DIGEST = b"Total", b"Digest"


class Binding:
    """Keeps the numbers of the pages that were written, and writes what refers to all of them.

    binding = Binding(writer, about)
    page = binding.begin_page()
    binding.mark("Chapter one", top=800)
    binding.end_page((595, 842), content, links=[])
    binding.finish(typefaces, total=b"BT ... ET", digest=b"BT ... ET", identity="...")
    """

    def __init__(self, writer: Writer, about: About) -> None:
        self._writer, self._about = writer, about
        self._tree, self._resources = writer.reserve(), writer.reserve()
        self._forms = {TOTAL: writer.reserve(), DIGEST: writer.reserve()}
        self._numbers: list[int] = []
        self._bookmarks: list[tuple[str, int, float]] = []

    @property
    def count(self) -> int:
        """How many pages were begun."""
        return len(self._numbers)

    def begin_page(self) -> None:
        """Begin a page: bookmarks are of this one from here on."""
        self._numbers.append(self._writer.reserve())

    def mark(self, text: str, top: float) -> None:
        """Bookmark a height of the current page."""
        self._bookmarks.append((text, self._numbers[-1], top))

    def end_page(self, content: bytes, links: list[bytes]) -> None:
        """Write the current page."""
        stream = self._writer.stream(content)
        annotations = b"/Annots[%b]" % b" ".join(links) if links else b""
        self._writer.put(
            b"<</Type/Page/Parent %d 0 R/Resources %d 0 R/Contents %d 0 R%b>>"
            % (self._tree, self._resources, stream, annotations),
            self._numbers[-1],
        )

    def finish(
        self,
        typefaces: tuple[Typeface, ...],
        forms: dict[bytes, bytes],
        *,
        size: tuple[float, float],
        identity: str,
    ) -> None:
        """Write all the rest, with the content of the forms; pages are of one size."""
        writer = self._writer
        entries = b"/Type/XObject/Subtype/Form/BBox[-100 -10 100 20]/Resources %d 0 R"
        for name, number in self._forms.items():
            writer.stream(forms[name], entries % self._resources, number)
        fonts = b"".join(typeface.finish(writer) for typeface in typefaces)
        drawn = b"".join(b"/%b %d 0 R" % pair for pair in self._forms.items())
        writer.put(b"<</Font<<%b>>/XObject<<%b>>>>" % (fonts, drawn), self._resources)
        kids = b" ".join(b"%d 0 R" % number for number in self._numbers)
        box = f"0 0 {size[0]:g} {size[1]:g}".encode()
        body = b"<</Type/Pages/Count %d/Kids[%b]/MediaBox[%b]>>"
        writer.put(body % (self.count, kids, box), self._tree)
        root = writer.put(
            b"<</Type/Catalog/Pages %d 0 R/Outlines %d 0 R/PageMode/UseOutlines/Lang%b"
            b"/ViewerPreferences<</DisplayDocTitle true>>>>"
            % (self._tree, self._put_bookmarks(), text_string(LANGUAGE))
        )
        writer.finish(root, self._put_properties(), identity=identity)

    def _put_properties(self) -> int:
        about, stamp = self._about, self._about.stamp
        entries = {"Title": about.title, "Author": about.author, "Subject": about.subject}
        entries |= {"Creator": PROGRAM, "Producer": PROGRAM}
        parts = [b"/%b%b" % (key.encode(), text_string(text)) for key, text in entries.items()]
        if stamp:
            parts.append(b"/CreationDate(%b)/ModDate(%b)" % (stamp.encode(), stamp.encode()))
        return self._writer.put(b"<<%b>>" % b"".join(parts))

    def _put_bookmarks(self) -> int:
        writer = self._writer
        parent = writer.reserve()
        numbers = [writer.reserve() for _ in self._bookmarks]
        for index, (text, page, top) in enumerate(self._bookmarks):
            before = b"/Prev %d 0 R" % numbers[index - 1] if index else b""
            after = b"/Next %d 0 R" % numbers[index + 1] if index + 1 < len(numbers) else b""
            entries = (text_string(text), parent, page, points(top), before, after)
            writer.put(
                b"<</Title%b/Parent %d 0 R/Dest[%d 0 R/XYZ null %b null]%b%b>>" % entries,
                numbers[index],
            )
        body = (numbers[0], numbers[-1], len(numbers))
        return writer.put(b"<</Type/Outlines/First %d 0 R/Last %d 0 R/Count %d>>" % body, parent)


def link_to(address: str, area: bytes) -> bytes:
    """Return a live link without a border."""
    entries = b"<</Type/Annot/Subtype/Link/Rect[%b]/Border[0 0 0]/F 4/A<</S/URI/URI(%b)>>>>"
    return entries % (area, escaped(address.encode()))
