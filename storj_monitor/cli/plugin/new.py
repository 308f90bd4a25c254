"""`storj-monitor plugin new`: a complete small package, whole or not at all."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from storj_monitor.errors import OperatorError

if TYPE_CHECKING:
    from storj_monitor.cli.plugin.package import Package

KINDS = ("format", "source", "report", "channel")


@click.command("new", short_help="Write a package that works, to be changed into yours.")
@click.argument("name")
@click.option(
    "--kind", type=click.Choice(KINDS), required=True, help="What the plugin is to offer."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(),
    metavar="DIR",
    help="The folder that the package's folder is made in; the working directory if not said.",
)
def new(name: str, kind: str, output: Path) -> None:
    """Write a complete small package that offers one format, source, report or channel.

    NAME is what it is asked for by: 2 to 32 characters, a to z, 0 to 9 and _, a letter first. The
    folder storj-NAME then has a pyproject.toml, a module that works, a test of it by
    storj_monitor.testing, and a README.md. What is there already is never overwritten.

    \b
    storj-monitor plugin new tsv --kind format
    storj-monitor plugin new uptime --kind source --output ~/plugins
    """  # noqa: D301  \b is click's sign for 'leave these lines alone'
    from storj_monitor.cli.plugin.package import Package

    package = Package(_checked(name, kind), kind)
    folder = package.write(output)
    click.echo(_next_steps(package, folder))


def _checked(name: str, kind: str) -> str:
    from storj_monitor.plugin.checks import check_name

    try:
        check_name(kind, name)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if find_spec(f"storj_{name}") is not None:
        reason = f"a module storj_{name} is installed already"
        raise OperatorError(reason, "Choose another name, or uninstall what has that module.")
    if owner := _owner(name, kind):
        reason = f"the {kind} {name!r} is there already: {owner} offers it"
        raise OperatorError(reason, "Choose another name; storj-monitor plugins lists those taken.")
    return name


def _owner(name: str, kind: str) -> str | None:
    """Return the distribution that offers a name: a second one with it would be refused."""
    from storj_monitor.cli.patience import limited
    from storj_monitor.registry import PluginHost
    from storj_monitor.settings import PluginSettings

    with limited():
        host = PluginHost(PluginSettings())
    for record in host.catalogue.plugins:
        if name in record.offers[f"{kind}s"]:
            return f"{record.distribution} {record.version}"
    return None


def _next_steps(package: Package, folder: Path) -> str:
    return f"""{folder} is written: {", ".join(package.files())}

Next, where storj-monitor is installed:

  cd {folder}
  pip install -e '.[test]'
  pytest
  {package.trial}

Then make {package.module}.py yours; CONTRIBUTING.md of storj-monitor has each hook."""
