"""A format made of Arrow batches: they pass through as they come, with no Python value a cell."""

from storj_monitor.plugin import Format, hookimpl

STORJ_PLUGIN_API = 1
#: How Arrow's IPC format ends a stream; the next table's stream may follow.
END = b"\xff\xff\xff\xff\x00\x00\x00\x00"


def render(document):
    for table in document.tables():
        yield schema_of(table).serialize().to_pybytes()
        for batch in table.batches:
            if batch.num_rows:  # an empty one only says that the search goes on
                yield tidy(batch).serialize().to_pybytes()
        yield END


def tidy(batch):
    """Copy a batch without what lies in memory where a value is missing.

    No reader sees that, but it would be in the file, and another each time.
    """
    import pyarrow as pa

    return batch.take(pa.array(range(batch.num_rows)))


def schema_of(table):
    """Say in the file what each column means: readers find it in the schema's metadata."""
    import pyarrow as pa

    fields = [
        pa.field(
            column.key,
            column.kind.arrow_type(),
            metadata={"label": column.label, "kind": column.kind, "unit": column.unit},
        )
        for column in table.columns
    ]
    return pa.schema(fields, metadata={"name": table.name, "title": table.title})


@hookimpl
def storj_formats():
    return [
        Format(
            name="arrow",
            title="Arrow stream",
            media_type="application/vnd.apache.arrow.stream",
            suffix="arrows",
            render=render,
        )
    ]
