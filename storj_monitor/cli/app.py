"""Puts the commands together, and turns what they raise into one line and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import click

from storj_monitor.cli.backup import backup
from storj_monitor.cli.demo import demo
from storj_monitor.cli.doctor import doctor
from storj_monitor.cli.export import export
from storj_monitor.cli.import_ import import_
from storj_monitor.cli.ingest import ingest
from storj_monitor.cli.plugin import plugin
from storj_monitor.cli.plugins import plugins
from storj_monitor.cli.poll import poll
from storj_monitor.cli.report import report
from storj_monitor.cli.run import run as run_
from storj_monitor.cli.schedule import schedule
from storj_monitor.cli.serve import serve
from storj_monitor.errors import OperatorError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, FAILED, SENSELESS = 0, 1, 2
_SERVERS = (demo, run_, serve)


class InOrder(click.Group):
    """Lists the commands in the order in which a newcomer meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names as they were added."""
        del ctx
        return list(self.commands)


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001  click calls it so
    if wanted:
        from importlib.metadata import version

        click.echo(f"storj-monitor {version('storj-monitor')}")
        context.exit()


@click.group("storj-monitor", cls=InOrder, context_settings={"help_option_names": ["--help", "-h"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version.",
)
def app() -> None:
    """Show what your Storj storage nodes did and earned, as a file in any installed format."""


for command in (
    *(demo, run_, serve, ingest, poll, import_),
    *(export, report, schedule, plugins, plugin, doctor, backup),
):
    app.add_command(command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; say what went wrong in one line on standard error."""
    # Arrow's own allocators hold on to memory that batches of this size never need again: the
    # system's takes a quarter less at the same speed. It is chosen when Arrow is first imported.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        return _run(arguments)
    finally:
        signal.signal(signal.SIGTERM, before)


def end(code: int, words: Sequence[str]) -> int:
    """Return the exit code of the command that `words` begin with; if it is a server's, end now.

    Python would wait for the threads that plugins have left, and for what they do at its end. All
    that is ours is done by then.
    """
    if words[:1] not in [[server.name] for server in _SERVERS]:
        return code
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _stop(*_: object) -> NoReturn:
    """Stop as with Ctrl-C, so that nothing half-written stays behind."""
    raise KeyboardInterrupt


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = app.main(arguments, prog_name="storj-monitor", standalone_mode=False)
        sys.stdout.flush()  # a disk that is full behind it is to be told of like any other fault
    except Problem as problem:
        return _fail(SENSELESS if problem.is_the_callers else FAILED, problem.detail, problem.hint)
    except OperatorError as error:
        return _fail(FAILED, error.reason, error.hint)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return SENSELESS
    except click.ClickException as error:
        return _fail(SENSELESS, error.format_message(), "Add --help to see what there is.")
    except BrokenPipeError:  # whoever read the output has gone
        _let_go_of_output()
        return FAILED
    except OSError as error:
        _let_go_of_output()
        where = f"{error.filename}: " if error.filename else ""
        said = f"{where}{error.strerror or error}"
        return _fail(FAILED, said, "Check the path, the permissions and the space that is left.")
    except (KeyboardInterrupt, click.Abort):
        return _fail(FAILED, "stopped", "")
    return code if isinstance(code, int) else DONE


def _let_go_of_output() -> None:
    """Drop what standard output doesn't take: Python would complain once more when it ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(code: int, what: str, hint: str) -> int:
    ended = what.strip() if what.strip().endswith(("?", ".")) else f"{what.strip()}."
    words = " ".join(f"{ended} {hint}".split())
    click.echo(f"error: {words}", err=True)
    return code
