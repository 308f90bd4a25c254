"""Puts the commands together, and turns what they raise into one line and an exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

from storj_monitor.cli.demo import demo
from storj_monitor.cli.export import export
from storj_monitor.cli.ingest import ingest
from storj_monitor.cli.plugins import plugins
from storj_monitor.cli.serve import serve
from storj_monitor.errors import OperatorError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, FAILED, SENSELESS = 0, 1, 2


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print("storj-monitor", version("storj-monitor"))
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Show what your Storj storage nodes did and earned, in any installed format."""


def _app() -> typer.Typer:
    app = typer.Typer(
        name="storj-monitor",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,  # plain help: a fifth of the start-up
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(_root)
    for command in (demo, ingest, export, serve, plugins):
        app.command()(command)
    return app


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; say what went wrong in one line on standard error."""
    try:
        code = _app()(args=arguments, standalone_mode=False)
    except Problem as problem:
        return _fail(SENSELESS if problem.is_the_callers else FAILED, problem.detail, problem.hint)
    except OperatorError as error:
        return _fail(FAILED, error.reason, error.hint)
    except BrokenPipeError:
        # Whoever read the output has gone. Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (KeyboardInterrupt, typer.Abort):
        return _fail(FAILED, "stopped", "")
    except TyperException as error:
        said = getattr(error, "format_message", error.__str__)()
        return _fail(SENSELESS, said, "Add --help to see what there is.")
    return code if isinstance(code, int) else DONE


def _fail(code: int, what: str, hint: str) -> int:
    words = " ".join(f"{what.strip().rstrip('.')}. {hint}".split())
    print(f"error: {words}", file=sys.stderr)
    return code
