"""The example plugins pass their own tests, as their authors would run them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "example_plugins"
TESTED = sorted(path.parent.name for path in EXAMPLES.glob("*/tests"))


def test_there_are_tested_examples_of_every_kind() -> None:
    kits = [path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*/tests/test_*.py")]

    for kind in ("Format", "Source", "Report", "Channel"):
        assert any(f"({kind}Conformance)" in text for text in kits), kind


@pytest.mark.parametrize("name", TESTED)
def test_an_example_passes_its_own_tests(name: str, tmp_path: Path) -> None:
    package = shutil.copytree(EXAMPLES / name, tmp_path / name)

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"],
        capture_output=True,
        text=True,
        check=False,
        cwd=package,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # an author may have none
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


@pytest.mark.parametrize("package", sorted(EXAMPLES.glob("storj-*")), ids=lambda path: path.name)
def test_an_example_says_what_it_is(package: Path) -> None:
    words = (package / "README.md").read_text(encoding="utf-8")

    assert words.startswith(f"# {package.name}\n")
