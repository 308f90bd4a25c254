import pyarrow as pa
import storj_arrow

from storj_monitor.plugin import Column, Document, Kind, Table
from storj_monitor.testing import FormatConformance


class TestArrow(FormatConformance):
    plugin = storj_arrow
    name = "arrow"


def test_each_table_is_a_stream_that_arrow_opens_and_says_what_a_column_means():
    columns = (Column(key="size", label="Size", kind=Kind.BYTES, unit="B"),)
    tables = [Table.of(name, "Sizes", columns, [(5,), (None,)]) for name in ("a", "b")]

    file = pa.BufferReader(b"".join(storj_arrow.render(Document("Sizes", tables))))
    opened = [pa.ipc.open_stream(file).read_all() for _ in tables]

    assert [table.to_pydict() for table in opened] == [{"size": [5, None]}] * 2
    assert [table.schema.metadata[b"name"] for table in opened] == [b"a", b"b"]
    assert opened[0].schema.field("size").metadata == {
        b"label": b"Size",
        b"kind": b"bytes",
        b"unit": b"B",
    }


def test_what_lies_in_memory_where_a_value_is_missing_is_not_in_the_file():
    column = Column(key="size", label="Size", kind=Kind.BYTES)
    only_the_first = pa.py_buffer(b"\xf1")
    values = pa.Array.from_buffers(
        pa.int64(), 2, [only_the_first, pa.py_buffer(b"\x05remains" * 2)]
    )
    batch = pa.RecordBatch.from_arrays([values], names=["size"])
    table = Table.stream("sizes", "Sizes", (column,), [batch])

    written = b"".join(storj_arrow.render(Document("Sizes", (table,))))

    assert written.count(b"remains") == 1
    assert b"\xf1" not in written
