"""Serving the application until someone says stop."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from aiohttp import web

from storj_monitor.errors import OperatorError
from storj_monitor.logs import log
from storj_monitor.web.access import is_loopback
from storj_monitor.web.keys import SETTINGS
from storj_monitor.web.malformed import Runner

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

#: How long downloads may go on after the server was told to stop.
_FAREWELL_SECONDS = 2.0
_LAST_PORT = 65_535


def serve(
    app: web.Application,
    host: str,
    port: int,
    *,
    insecure: bool = False,
    announce: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve until interrupted (Ctrl-C, or SIGTERM); `announce` is told the URL once it answers.

    Port 0 takes any free one, which the URL names. Raises OperatorError when the address can't be
    used, or when others could reach it without a token and `insecure` isn't said.
    """
    check_address(app, host, insecure=insecure)
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(app, host, port, announce))


def check_address(app: web.Application, host: str, *, insecure: bool) -> None:
    """Raise OperatorError when anybody who can reach `host` could read everything."""
    if is_loopback(host) or insecure or app[SETTINGS].web.token:
        return
    reason = f"on {host or 'all addresses'} others can reach this server, and there is no token"
    hint = (
        "Set STORJ_MONITOR_TOKEN or STORJ_MONITOR_TOKEN_FILE (or token under [web] in the "
        "settings), "
        "or say --insecure to let everybody in."
    )
    raise OperatorError(reason, hint)


async def _serve(
    app: web.Application, host: str, port: int, announce: Callable[[str], None]
) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().set_exception_handler(_log_lost)
    for name in ("SIGINT", "SIGTERM"):
        with suppress(NotImplementedError):  # Windows has KeyboardInterrupt alone
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), stop.set)
    async with listening(app, host, port) as url:
        log().info("server.started", url=url)
        announce(url)
        await stop.wait()
    log().info("server.stopped")


def _log_lost(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what nobody was left to hear of."""
    log().error("server.error", about=context["message"], exc_info=context.get("exception"))


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Answer requests while the block runs, and give it the URL to ask at."""
    runner = Runner(
        app, handler_cancellation=True, access_log=None, shutdown_timeout=_FAREWELL_SECONDS
    )
    await runner.setup()
    try:
        await _bind(runner, host, port)
        yield _url(host, runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def _bind(runner: web.AppRunner, host: str, port: int) -> None:
    if not 0 <= port <= _LAST_PORT:
        reason = f"there is no port {port}"
        raise OperatorError(reason, f"Ports go up to {_LAST_PORT}; --port 0 takes any free one.")
    try:
        await web.TCPSite(runner, host, port).start()
    except (OSError, UnicodeError) as error:
        raise _unusable(host, port, error) from error


def _unusable(host: str, port: int, error: OSError | UnicodeError) -> OperatorError:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        hint = "Stop what uses it, or choose another: --port 0 takes any free one."
        return OperatorError(f"port {port} on {host} is in use already", hint)
    if number == errno.EACCES:
        reason = f"port {port} isn't for ordinary users"
        return OperatorError(reason, "Choose one above 1023, such as --port 8765.")
    if number == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror | UnicodeError):
        reason = f"{host!r} is no address of this machine"
        return OperatorError(reason, "Use --host 127.0.0.1, or --host 0.0.0.0 for all addresses.")
    return OperatorError(f"{host} port {port} can't be listened on: {error}", "Try another --port.")


def _url(host: str, port: int) -> str:
    """Return what to open in a browser; a wildcard is no address to go to."""
    if host in ("", "0.0.0.0", "::"):  # noqa: S104  it is compared, not bound
        host = "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
