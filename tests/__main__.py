"""The one check command: `python -m tests` runs lint, types, import contracts and tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: The public API and the registry are covered whole.
CORE = "storj_monitor/plugin/*,storj_monitor/registry/*"
PYTHON = (sys.executable, "-m")
#: Many tests wait for a process or a browser: the others go on meanwhile.
AT_ONCE = max(4, os.cpu_count() or 1)
#: Browsers, kills and real processes share few cores: what fails is tried once more, and named.
PYTEST = (f"--numprocesses={AT_ONCE}", "--dist=worksteal", "--reruns=1", "--cov", "--cov-report=")
CHECKS: tuple[tuple[str, ...], ...] = (
    (*PYTHON, "ruff", "check", "."),
    (*PYTHON, "ruff", "format", "--check", "."),
    (*PYTHON, "mypy"),
    (str(Path(sys.executable).with_name("lint-imports")),),
    (*PYTHON, "pytest", *PYTEST),
    (*PYTHON, "coverage", "report"),
    (*PYTHON, "coverage", "report", f"--include={CORE}", "--fail-under=100"),
)


def main() -> int:
    """Run every check, also after one has failed, and say at the end which did."""
    failed = []
    for check in CHECKS:
        print("$", " ".join(Path(word).name for word in check), flush=True)
        if subprocess.run(check, cwd=ROOT, check=False).returncode:
            failed.append(" ".join(check[1:]) or check[0])
    print("all checks passed" if not failed else f"failed: {'; '.join(failed)}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
