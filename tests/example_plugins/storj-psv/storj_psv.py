from storj_monitor.plugin import Format, hookimpl, machine_text


def render(document):
    for table in document.tables():
        yield ("|".join(column.key for column in table.columns) + "\n").encode()
        for row in table.rows():
            yield ("|".join(map(machine_text, row)) + "\n").encode()


@hookimpl
def storj_formats():
    return [Format(name="psv", title="Pipe-separated", media_type="text/plain", render=render)]
