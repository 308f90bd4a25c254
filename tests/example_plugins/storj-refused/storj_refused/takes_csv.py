"""A name that belongs to somebody else."""

from storj_monitor.plugin import Format, hookimpl


def render(document):
    yield f"not what was asked for: {document.title}".encode()


@hookimpl
def storj_formats():
    return [Format(name="csv", title="Another CSV", media_type="text/csv", render=render)]
