"""Every source and report in every format: over a demo, an empty and an awkward database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storj_monitor.exports.brand import Brand
from storj_monitor.exports.pipeline import Export
from storj_monitor.exports.request import Limits, parse_export, parse_report
from storj_monitor.registry import PluginHost
from storj_monitor.settings import PluginSettings
from storj_monitor.testing import awkward_store, empty_store
from storj_monitor.testing.admission import WithoutNetwork
from tests.conformance.openers import OPENERS
from tests.demos import NOW, demo_of

if TYPE_CHECKING:
    from storj_monitor.store import Store

HOST = PluginHost(PluginSettings())
SOURCES, REPORTS, FORMATS = (
    sorted(offered)
    for offered in (HOST.catalogue.sources, HOST.catalogue.reports, HOST.catalogue.formats)
)
DATABASES = ("demo", "empty", "awkward")


@pytest.fixture(scope="module")
def stores(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> dict[str, Store]:
    folder = tmp_path_factory.mktemp("databases")
    demo = demo_of(tmp_path_factory, pytestconfig)
    return {"demo": demo.store, "empty": empty_store(folder), "awkward": awkward_store(folder)}


def limits(store: Store) -> Limits:
    return Limits(now=NOW, nodes=[node.name for node in store.nodes()])


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("database", DATABASES)
class TestEverything(WithoutNetwork):
    def test_every_source_gives_a_file_that_opens(
        self, stores: dict[str, Store], database: str, format_: str
    ) -> None:
        store = stores[database]
        for source in SOURCES:
            words = {"format": [format_], "days": ["2"], "personal": ["1"]}
            request = parse_export(source, words, HOST.catalogue, limits(store))
            OPENERS[format_](_file(Export(request, store, HOST, NOW, Brand())))

    @pytest.mark.parametrize("report", REPORTS)
    def test_every_report_gives_a_file_that_opens(
        self, stores: dict[str, Store], report: str, database: str, format_: str
    ) -> None:
        store = stores[database]
        request = parse_report(report, {"format": [format_]}, HOST.catalogue, limits(store))
        OPENERS[format_](_file(Export(request, store, HOST, NOW, Brand())))


def _file(export: Export) -> bytes:
    export.begin()
    return b"".join(export.chunks())
