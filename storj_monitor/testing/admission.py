"""What every plugin is held to: that the registry takes it, and offers what it says it offers."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, ClassVar, Generic, NoReturn, TypeVar, cast

import pytest

from storj_monitor.errors import Failure
from storj_monitor.registry import PluginHost
from storj_monitor.registry.admit import admit
from storj_monitor.registry.candidate import Candidate
from storj_monitor.registry.choice import Choice
from storj_monitor.registry.collect import KINDS, Offering, collect
from storj_monitor.registry.freeze import freeze
from storj_monitor.settings import PluginSettings
from storj_monitor.testing.rules import broken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Protocol

    class Named(Protocol):
        """A descriptor, of which the name is asked."""

        @property
        def name(self) -> str: ...


D = TypeVar("D", bound="Named")


class Conformance(Generic[D]):
    """What the four classes have in common; inherit one of those.

    `plugin` is the module (or object) that the entry point names, `name` which of its offers is
    meant, if it has several of the kind.
    """

    plugin: ClassVar[object] = None
    name: ClassVar[str | None] = None
    #: Of the catalogue: sources, formats, reports or channels.
    kind: ClassVar[str]

    @property
    def offered(self) -> D:
        """The descriptor that is tested, as the plugin's hook gives it now."""
        offers = offering_of(self._plugin()).offers.get(self.kind, ())
        return self._chosen(cast("tuple[D, ...]", offers))

    def test_the_registry_admits_the_plugin(self) -> None:
        offering = offering_of(self._plugin())
        choice = Choice.of(PluginSettings(), [offering.candidate])
        for failure in freeze([offering], choice).failures:
            broken(f"The plugin would be refused: {failure.reason}", failure.hint)

    def test_it_offers_the_same_each_time_it_is_asked(self) -> None:
        first, second = (offering_of(self._plugin()).offers for _ in range(2))
        for kind in KINDS:
            names = [[item.name for item in offers.get(kind, ())] for offers in (first, second)]
            if names[0] != names[1]:
                broken(
                    f"storj_{kind} gave {names[0]}, and when asked again {names[1]}.",
                    "a hook gives the same offers in the same order in every process: "
                    "return a fixed list, not a set and nothing that depends on the moment.",
                )

    def test_its_name_is_not_that_of_a_built_in(self) -> None:
        offered = self.offered
        built_in = built_ins(self.kind).get(offered.name)
        if built_in is not None and built_in != offered:
            broken(
                f"storj-monitor itself has {offered.name!r} among its {self.kind}.",
                "a name belongs to whoever had it first, so this one would be refused wherever "
                "it is installed: choose another.",
            )

    def _plugin(self) -> object:
        if self.plugin is None:
            broken(
                f"{type(self).__name__} doesn't say what it tests.",
                "write `plugin = your_module` into the class: what the entry point names.",
            )
        return self.plugin

    def _chosen(self, offers: tuple[D, ...]) -> D:
        names = [item.name for item in offers]
        wanted = [item for item in offers if self.name in (None, item.name)]
        if len(wanted) == 1:
            return wanted[0]
        seen = f"storj_{self.kind} gives {names or 'nothing'}"
        rule = "with several, write `name = ...` into the class to say which of them it tests."
        if self.name is not None:
            seen, rule = f"{seen}, and none is called {self.name!r}", "`name` is the name of one."
        return broken(f"{seen}.", rule)


def offering_of(plugin: object) -> Offering:
    """Admit a plugin the way the program does at its start, and ask it what it offers."""
    name = getattr(plugin, "__name__", type(plugin).__name__)
    candidate = Candidate(
        name=name,
        distribution=name,
        version="",
        location=name,
        load=lambda: plugin,
        remedy="See the traceback that importing it gives.",
    )
    admitted = admit(candidate)
    if isinstance(admitted, Failure):
        return Offering(candidate=candidate, failures=(admitted,))
    return collect(admitted)


def built_ins(kind: str) -> Mapping[str, object]:
    """Return what storj-monitor offers of a kind by itself."""
    offered: Mapping[str, object] = getattr(
        PluginHost(PluginSettings(filter="none")).catalogue, kind
    )
    return offered


class WithoutNetwork:
    """A file is made of what is there: while one is made, no connection may be opened."""

    @pytest.fixture(autouse=True)
    def _no_socket(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        def refuse(*_: object, **__: object) -> NoReturn:
            broken(
                "A network connection was opened while a file was made.",
                "a file is made of the document alone: nothing is fetched for it, whatever a "
                "text in it says.",
            )

        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(socket, "getaddrinfo", refuse)
            # Not the class itself: an event loop is made of sockets that reach nobody.
            for name in ("connect", "connect_ex", "sendto"):
                meanwhile.setattr(socket.socket, name, refuse)
            yield
