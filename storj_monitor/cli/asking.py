"""What `export` and `report` have in common: options that become the words of a request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from storj_monitor.cli import options
from storj_monitor.cli.output import to_file, to_standard_output
from storj_monitor.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from storj_monitor.exports.request import Parse
    from storj_monitor.settings import Settings

    Words = dict[str, list[str]]

F = TypeVar("F", bound="Callable[..., object]")

_SHARED = (
    click.option("--start", metavar="WHEN", help="A date or an ISO time."),
    click.option("--end", metavar="WHEN", help="A date (that whole day included) or an ISO time."),
    click.option(
        "--period", help="2026-03, 2026-W10, 2026-03-04, 2026, yesterday, last-month, ..."
    ),
    click.option("--days", metavar="N", help="Today and the days before it, so many in all."),
    click.option("--node", multiple=True, metavar="NAME", help="Only this node; may be repeated."),
    click.option("--timezone", metavar="ZONE", help="The zone of days and times; UTC if not said."),
    click.option("--personal", is_flag=True, help="Addresses and countries too."),
    click.option("--preset", metavar="NAME", help="Options of the format by one name: excel-eu."),
    click.option("--option", multiple=True, metavar="KEY=VALUE", help="An option of the format."),
    click.option(
        "--manifest", is_flag=True, help="Write FILE.manifest.json too: columns, rows, sha256."
    ),
    click.option(
        "--output", "-o", default="-", metavar="PATH|-", help="The file; - is standard output."
    ),
    options.database,
    options.config,
    options.plugins_dir,
)


def shared(command: F) -> F:
    """Give a command the options that `export` and `report` share."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def words_of(
    single: dict[str, str | None],
    node: tuple[str, ...],
    option: tuple[str, ...],
    *,
    personal: bool,
    manifest: bool,
) -> Words:
    """Return the words of a request that the shared options mean."""
    words = {key: [value] for key, value in single.items() if value is not None}
    for name, is_said in (("personal", personal), ("manifest", manifest)):
        if is_said:
            words[name] = ["1"]
    if node:
        words["node"] = list(node)
    add_pairs(words, "option", option, prefix="option.")
    return words


def add_pairs(words: Words, what: str, pairs: Iterable[str], prefix: str = "") -> None:
    """Add what is given as KEY=VALUE; raise Problem where it isn't."""
    from storj_monitor.plugin.query import RESERVED

    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            hint = f"Write --{what} KEY=VALUE."
            raise Problem("bad_request", f"--{what} {pair!r} has no value", hint)
        if not prefix and key in RESERVED:
            raise Problem("unknown_filter", f"{key!r} is no filter", f"Use --{key} for that.")
        words.setdefault(f"{prefix}{key}", []).append(value)


def write(parse: Parse, subject: str, words: Words, settings: Settings, output: str) -> None:
    """Write what `parse` makes of the words to `output`, standard output being `-`."""
    from storj_monitor import clock
    from storj_monitor.exports.brand import brand_of
    from storj_monitor.exports.pipeline import Export
    from storj_monitor.exports.request import Limits
    from storj_monitor.store import Store

    brand = brand_of(settings.brand)
    host = options.host_of(settings)
    now = clock.now()
    store = Store.open(settings.database, money=settings.money)
    limits = Limits(now=now, nodes=[known.name for known in store.nodes()])
    made = Export(parse(subject, words, host.catalogue, limits), store, host, now, brand)
    if output == "-":
        to_standard_output(made)
    else:
        to_file(made, Path(output))
