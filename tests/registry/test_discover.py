"""What is found: entry points in a fixed order, each distribution once, and files of a folder."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from storj_monitor.errors import OperatorError
from tests.registry.conftest import PREAMBLE, formats

if TYPE_CHECKING:
    from pathlib import Path

    from tests.registry.conftest import Shelf

NOT_UTF_8 = b"[storj_monitor]\ncaf\xe9 = cafe\n"


def test_the_built_ins_come_first_then_distributions_then_entry_points(bare_shelf: Shelf) -> None:
    bare_shelf.put("zebra", b=formats("zebra_b"), a=formats("zebra_a"))
    bare_shelf.put("aardvark", z=formats("aardvark_z"))
    bare_shelf.put("storj-monitor", z=formats("csv"))
    catalogue = bare_shelf.host().catalogue
    assert list(catalogue.formats) == ["csv", "aardvark_z", "zebra_a", "zebra_b"]
    assert [(plugin.distribution, plugin.name) for plugin in catalogue.plugins] == [
        ("storj-monitor", "z"),
        ("aardvark", "z"),
        ("zebra", "a"),
        ("zebra", "b"),
    ]


def test_two_distributions_may_call_their_plugins_the_same(shelf: Shelf) -> None:
    shelf.put("first", psv=formats("psv"))
    shelf.put("second", psv=formats("tsv"))
    catalogue = shelf.host().catalogue
    assert list(catalogue.formats) == ["csv", "psv", "tsv"]
    assert catalogue.failures == ()


def test_the_same_distribution_twice_on_the_path_counts_once(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.put("fancy-csv", version="1.0", psv=formats("psv"))
    shelf.put_files(
        "../later/Fancy_CSV-2.0.dist-info",
        {
            "METADATA": "Name: Fancy_CSV\nVersion: 2.0\n",
            "entry_points.txt": "[storj_monitor]\npsv = fancy_csv_psv",
        },
    )
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "later")])
    catalogue = shelf.host().catalogue
    assert [plugin.version for plugin in catalogue.plugins] == ["1.0", "1.0"]
    assert catalogue.failures == ()


@pytest.mark.parametrize("metadata", ["", "Summary: nameless\n"])
def test_a_distribution_without_metadata_goes_by_the_name_of_its_folder(
    shelf: Shelf, metadata: str
) -> None:
    shelf.put("psv", version="3.1", metadata=metadata, psv=formats("psv"))
    assert [(it.distribution, it.version) for it in shelf.host().catalogue.plugins][1:] == [
        ("psv", "3.1")
    ]


def test_entry_points_that_can_not_be_read_are_refused_and_hide_nothing(shelf: Shelf) -> None:
    shelf.put("bad", entry_points="[storj_monitor]\nno equals sign")
    shelf.put("good", tsv=formats("tsv"))
    catalogue = shelf.host().catalogue
    [failure] = catalogue.failures
    assert str(failure) == (
        "plugin 'bad' from bad 1.0: discover: its entry_points.txt can't be read. "
        "Each line of it under a heading has the form name = module."
    )
    assert list(catalogue.formats) == ["csv", "tsv"]


def test_a_file_of_which_nobody_knows_whose_it_is_is_left_alone(shelf: Shelf) -> None:
    shelf.put("odd")
    (shelf.folder / "odd-1.0.dist-info" / "entry_points.txt").write_bytes(NOT_UTF_8)
    catalogue = shelf.host().catalogue
    assert [plugin.name for plugin in catalogue.plugins] == ["csv"]
    assert catalogue.failures == ()


def test_an_entry_point_that_names_nothing_importable_is_refused(shelf: Shelf) -> None:
    shelf.put("bad", entry_points="[storj_monitor]\npsv = /usr/lib/psv.py")
    [failure] = shelf.host().catalogue.failures
    assert failure.reason.startswith("importing '/usr/lib/psv.py' failed: ")


def test_no_built_ins_at_all_is_fatal_and_says_how_to_install(
    bare_shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare_shelf.put("stranger", psv=formats("psv"))
    monkeypatch.setattr(sys, "path", [str(bare_shelf.folder)])
    with pytest.raises(OperatorError) as raised:
        bare_shelf.host()
    assert raised.value.reason == "no built-in plugins were found: storj-monitor isn't installed"
    assert raised.value.hint == (
        "Run: pip install storj-monitor (in its source tree: pip install -e .)."
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give an empty folder of plugins."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    return folder


def write(folder: Path, name: str, code: str) -> None:
    (folder / name).write_text(PREAMBLE + code, encoding="utf-8")


def test_each_file_of_the_folder_is_a_plugin_after_all_distributions(
    shelf: Shelf, folder: Path
) -> None:
    shelf.put("zebra", zsv=formats("zsv"))
    write(folder, "tsv.py", formats("tsv"))
    write(folder, "psv.py", formats("psv"))
    write(folder, "_shared.py", formats("shared"))
    write(folder, "notes.txt", formats("notes"))
    catalogue = shelf.host(directory=folder).catalogue
    assert list(catalogue.formats) == ["csv", "zsv", "psv", "tsv"]
    assert [(it.name, it.distribution, it.version) for it in catalogue.plugins][2:] == [
        ("psv", "plugins-dir", ""),
        ("tsv", "plugins-dir", ""),
    ]


def test_the_folder_hides_no_module_of_the_same_name(shelf: Shelf, folder: Path) -> None:
    write(folder, "json.py", formats("json"))
    catalogue = shelf.host(directory=folder).catalogue
    assert list(catalogue.formats) == ["csv", "json"]
    assert str(folder) not in sys.path
    assert sys.modules["json"].__file__ != str(folder / "json.py")


def test_a_file_may_define_dataclasses_and_know_its_path(shelf: Shelf, folder: Path) -> None:
    code = "from __future__ import annotations\nfrom dataclasses import dataclass\n"
    use = "@dataclass\nclass Look:\n    wide: bool\nassert __file__.endswith('psv.py')\n"
    (folder / "psv.py").write_text(code + PREAMBLE + use + formats("psv"), encoding="utf-8")
    assert list(shelf.host(directory=folder).catalogue.formats) == ["csv", "psv"]


def test_a_file_that_fails_is_refused_and_leaves_no_module(shelf: Shelf, folder: Path) -> None:
    write(folder, "psv.py", "raise ValueError('not today')")
    assert shelf.refusal(directory=folder) == (
        f"plugin 'psv' from plugins-dir: admit: importing '{folder / 'psv.py'}' failed: "
        f"ValueError: not today. Mend or remove {folder / 'psv.py'}."
    )
    assert "storj_plugins_dir_psv" not in sys.modules


def test_a_file_that_misses_a_module_says_which(shelf: Shelf, folder: Path) -> None:
    write(folder, "psv.py", "import storj_missing_piece")
    assert shelf.refusal(directory=folder).endswith(
        "It needs the module 'storj_missing_piece': install that beside storj-monitor."
    )


def test_a_folder_that_is_not_there_is_fatal(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as raised:
        shelf.host(directory=tmp_path / "nowhere")
    assert raised.value.reason == (
        f"the plugins directory {tmp_path / 'nowhere'} can't be read: No such file or directory"
    )
    assert raised.value.hint == "--plugins-dir names a folder in which each *.py file is a plugin."
