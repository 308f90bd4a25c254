import storj_psv

from storj_monitor.plugin import Column, Document, Kind, Table
from storj_monitor.testing import FormatConformance


class TestPsv(FormatConformance):
    plugin = storj_psv
    name = "psv"


def test_a_table_is_its_keys_and_its_rows():
    columns = (Column(key="node", label="Node"), Column(key="size", label="Size", kind=Kind.BYTES))
    table = Table.of("sizes", "Sizes", columns, [("attic", 5), ("nas", None)])

    written = b"".join(storj_psv.render(Document("Sizes", (table,))))

    assert written == b"node|size\nattic|5\nnas|\n"
