"""What the four classes share, and the names for an author's own tests."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distribution
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from sqlalchemy import select

from storj_monitor import schema
from storj_monitor.plugin import Column, Kind, Query, Table, hookimpl, machine_text
from storj_monitor.registry import PluginHost
from storj_monitor.settings import PluginSettings
from storj_monitor.store import News
from storj_monitor.testing import (
    AWKWARD_NAMES,
    SAMPLE_SPAN,
    SPELLINGS,
    FakeCatalogue,
    FakeReader,
    FormatConformance,
    SourceConformance,
    awkward_documents,
    conformance_classes,
    fake_distribution,
    sample_store,
)
from tests.testing.plugins import broken_rule, format_of, held, plugin_of

if TYPE_CHECKING:
    from pathlib import Path

    from storj_monitor.store import Store

PSV = """
    from storj_monitor.plugin import Format, hookimpl

    @hookimpl
    def storj_formats():
        return [Format(name="psv", title="P", media_type="text/plain", render=lambda _: [])]
"""


def kit_for(plugin: object, **members: object) -> FormatConformance:
    kit: FormatConformance = type("TestIt", (FormatConformance,), {"plugin": plugin, **members})()
    return kit


def empty(_: object) -> list[bytes]:
    return []


def test_a_plugin_that_the_registry_refuses_is_caught() -> None:
    plugin = plugin_of("formats", format_of(empty))
    plugin.__dict__["STORJ_PLUGIN_API"] = 2
    said = broken_rule(kit_for(plugin).test_the_registry_admits_the_plugin)
    assert "needs plugin API 2" in said


def test_a_misspelt_hook_is_caught() -> None:
    plugin = plugin_of("format", format_of(empty))
    said = broken_rule(kit_for(plugin).test_the_registry_admits_the_plugin)
    assert "The rule: Did you mean 'storj_formats'?" in said


def test_two_formats_of_one_name_are_caught() -> None:
    plugin = plugin_of("formats", format_of(empty), format_of(empty))
    said = broken_rule(kit_for(plugin).test_the_registry_admits_the_plugin)
    assert "is taken by plugin" in said


def test_offers_that_differ_from_time_to_time_are_caught() -> None:
    names = iter(("first", "second"))

    class Plugin:
        @hookimpl
        def storj_formats(self) -> list[object]:
            return [format_of(empty, name=next(names))]

    said = broken_rule(kit_for(Plugin()).test_it_offers_the_same_each_time_it_is_asked)
    assert "storj_formats gave ['first'], and when asked again ['second']" in said


def test_the_name_of_a_built_in_is_caught() -> None:
    kit = held(FormatConformance, format_of(empty, name="csv"))
    said = broken_rule(kit.test_its_name_is_not_that_of_a_built_in)
    assert "storj-monitor itself has 'csv' among its formats" in said
    held(FormatConformance, format_of(empty)).test_its_name_is_not_that_of_a_built_in()


@pytest.mark.parametrize(
    ("plugin", "name", "words"),
    [
        (None, None, "TestIt doesn't say what it tests"),
        (plugin_of("formats", format_of(empty)), "other", "none is called 'other'"),
        (plugin_of("formats"), None, "storj_formats gives nothing"),
        (
            plugin_of("formats", format_of(empty, name="aa"), format_of(empty, name="bb")),
            None,
            "storj_formats gives ['aa', 'bb']",
        ),
    ],
)
def test_a_class_that_does_not_say_what_it_tests_is_told(
    plugin: object, name: str | None, words: str
) -> None:
    kit = kit_for(plugin, name=name)
    assert words in broken_rule(kit.test_nothing_is_printed, None)


def test_one_of_several_is_named() -> None:
    plugin = plugin_of("formats", format_of(empty, name="aa"), format_of(empty, name="bb"))
    assert kit_for(plugin, name="bb").offered.name == "bb"


def test_a_fake_distribution_is_discovered_like_an_installed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry_points = {"psv": "storj_psv.formats.psv"}
    modules = {"storj_psv.formats.psv": PSV}
    info = fake_distribution(tmp_path, "Storj.Psv", modules, entry_points, version="2.1")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert info.name == "storj_psv-2.1.dist-info"
    assert distribution("storj-psv").version == "2.1"
    files = distribution("storj-psv").files or []
    assert all((tmp_path / str(file)).exists() for file in files)
    record = {plugin.name: plugin for plugin in PluginHost(PluginSettings()).catalogue.plugins}
    assert (record["psv"].state, record["psv"].distribution) == ("loaded", "Storj.Psv")
    assert "Test_format_psv" in conformance_classes()


def test_what_is_installed_and_broken_fails_a_test_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = {"storj_bad": "raise SystemExit(3)"}
    fake_distribution(tmp_path, "storj-bad", modules, {"bad": "storj_bad"})
    monkeypatch.syspath_prepend(str(tmp_path))
    classes = conformance_classes(only="storj-bad")
    assert list(classes) == ["Test_plugin_bad"]
    kit: Any = classes["Test_plugin_bad"]()
    assert "SystemExit: 3" in broken_rule(kit.test_the_registry_admits_the_plugin)


def test_a_hook_that_fails_beside_one_that_works_fails_a_test_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"""{PSV}
    @hookimpl
    def storj_sources():
        raise RuntimeError("no sources today")
    """
    fake_distribution(tmp_path, "storj-half", {"storj_half": code}, {"half": "storj_half"})
    monkeypatch.syspath_prepend(str(tmp_path))
    classes = conformance_classes(only="storj-half")
    assert set(classes) == {"Test_plugin_half", "Test_format_psv"}
    kit: Any = classes["Test_plugin_half"]()
    assert "no sources today" in broken_rule(kit.test_the_registry_admits_the_plugin)


def test_attributes_for_something_that_is_not_installed_are_refused() -> None:
    with pytest.raises(KeyError, match="source_gone"):
        conformance_classes({"source_gone": {"streams": False}})


def test_awkward_documents_are_new_each_time_and_can_be_read() -> None:
    assert tuple(awkward_documents()) == AWKWARD_NAMES
    for _ in range(2):
        for document in awkward_documents().values():
            for table in document.tables():
                list(table.rows())


@pytest.mark.parametrize("spelling", SPELLINGS, ids=str)
def test_the_table_of_spellings_is_what_machine_text_does(spelling: Any) -> None:
    text = machine_text(spelling.value, spelling.kind)
    assert text == spelling.text or (
        spelling.kind is Kind.TIMESTAMP and text.startswith(spelling.text)
    )


def test_the_sample_has_rows_in_every_table_that_a_source_may_read(tmp_path: Path) -> None:
    not_collected = {"sealed_hours", "followed_logs", "polled_apis", "outcomes", "exports"}
    not_collected |= {"earlier_paystubs", "schedules", "deliveries"}
    with sample_store(tmp_path).reader() as reader:
        empty_ones = {
            name
            for name, table in schema.metadata.tables.items()
            if reader.fetch(select(*list(table.columns)[:1]).limit(1)).num_rows == 0
        }
    assert empty_ones <= not_collected


class TestFakeReader:
    BATCH = pa.record_batch({"at": [1, 2], "id": [1, 2]})

    def test_gives_its_batches_and_keeps_what_was_asked(self) -> None:
        reader = FakeReader(self.BATCH, self.BATCH)
        asked = select(schema.events.c.at)
        assert [batch.num_rows for batch in reader.scan(asked)] == [2, 2]
        assert reader.fetch(asked).num_rows == 4
        assert reader.selects == [asked, asked]
        assert FakeReader().fetch(asked).num_rows == 0

    def test_counts_the_scans_that_are_open(self) -> None:
        reader = FakeReader(self.BATCH)
        scan = reader.scan(select(schema.events.c.at))
        assert reader.open_scans == 0
        next(scan)
        assert reader.open_scans == 1
        del scan
        assert reader.open_scans == 0

    def test_a_scan_needs_its_key(self) -> None:
        with pytest.raises(ValueError, match=r"these lack \['slot_at'\]"):
            FakeReader(self.BATCH).scan(select(schema.events.c.at), key=("slot_at",))


class TestFakeCatalogue:
    COLUMNS = (Column(key="node", label="Node"), Column(key="size", label="S", kind=Kind.BYTES))
    QUERY = Query(span=SAMPLE_SPAN, columns=("size",))

    def catalogue(self) -> FakeCatalogue:
        table = Table.of("storage", "Storage", self.COLUMNS, [("alpha", 1), ("beta", 2)])
        return FakeCatalogue({"storage": table})

    def test_gives_the_columns_that_are_asked_for(self) -> None:
        catalogue = self.catalogue()
        table = catalogue.fetch("storage", self.QUERY)
        assert [list(table.rows()), list(table.rows())] == [[(1,), (2,)]] * 2
        assert catalogue.asked == [("storage", self.QUERY)]

    def test_a_table_is_a_stream_like_the_real_one(self) -> None:
        table = self.catalogue().table("storage", Query(span=SAMPLE_SPAN))
        assert list(table.rows()) == [("alpha", 1), ("beta", 2)]
        with pytest.raises(RuntimeError, match="read it once"):
            list(table.rows())

    @pytest.mark.parametrize("name", ["events", "storage"])
    def test_what_is_not_there_is_a_lookup_error(self, name: str) -> None:
        with pytest.raises(LookupError, match=r"events|nosuch"):
            self.catalogue().fetch(name, Query(span=SAMPLE_SPAN, columns=("nosuch",)))


def test_an_author_may_add_rows_to_the_sample(tmp_path: Path) -> None:
    class TestMore(SourceConformance):
        @classmethod
        def add_to_sample(cls, store: Store) -> None:
            with store.writer() as writer:
                writer.write([News(node="delta")])

    sample = TestMore.databases_in(tmp_path)["sample"]
    assert [node.name for node in sample.nodes()] == ["alpha", "beta", "delta", "gamma"]


@pytest.mark.parametrize("missing", ["pytest", "time_machine"])
def test_without_pytest_the_kit_says_how_to_install_it(missing: str) -> None:
    script = f"""
        import sys
        sys.modules[{missing!r}] = None
        import storj_monitor.testing
    """
    ran = subprocess.run(
        [sys.executable, "-c", dedent(script)], capture_output=True, text=True, check=False
    )
    assert ran.stderr.rstrip().endswith(
        f"storj_monitor.testing needs {missing}, which isn't installed. "
        "Run: pip install 'storj-monitor[testing]'"
    )


def test_an_error_in_the_kit_itself_is_not_taken_for_a_missing_pytest() -> None:
    script = "import sys; sys.modules['pyarrow'] = None; import storj_monitor.testing"
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert "storj-monitor[testing]" not in ran.stderr
    assert "pyarrow" in ran.stderr
