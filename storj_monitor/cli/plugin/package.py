"""The files of a new plugin's package, made of the templates beside this module."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory

from storj_monitor.errors import OperatorError

#: How each kind is tried, once it is installed.
_TRIALS = {
    "format": "storj-monitor export events -f {}",
    "source": "storj-monitor export {}",
    "report": "storj-monitor report {} -o {}.pdf",
    "channel": "storj-monitor plugins",
}


@dataclass(frozen=True)
class Package:
    """A package that offers one thing: `Package("tsv", "format").write(folder)`."""

    name: str
    kind: str

    @property
    def module(self) -> str:
        """The module's name."""
        return f"storj_{self.name}"

    @property
    def distribution(self) -> str:
        """The distribution's name, as pip writes it, and that of the folder."""
        from storj_monitor.registry.candidate import canonical

        return canonical(self.module).rstrip("-")

    @property
    def trial(self) -> str:
        """The command that uses it, once it is installed."""
        return _TRIALS[self.kind].format(self.name, self.name)

    def files(self) -> dict[str, str]:
        """Return the text of each file by its path in the package's folder."""
        return {
            "pyproject.toml": self._filled("pyproject.toml"),
            "README.md": self._filled("README.md"),
            f"{self.module}.py": self._filled(f"{self.kind}.py"),
            f"tests/test_{self.module}.py": self._filled(f"test_{self.kind}.py"),
        }

    def write(self, where: Path) -> Path:
        """Write the package's folder into `where`, whole or not at all, and return its path.

        Raises OperatorError where something of that name is there already.
        """
        folder = where / self.distribution
        if folder.exists():
            reason = f"{folder} is there already, and is left as it is"
            raise OperatorError(reason, "Choose another name, or another --output.")
        with TemporaryDirectory(dir=where, prefix=f".{self.distribution}-") as unfinished:
            whole = Path(unfinished, self.distribution)
            for path, text in self.files().items():
                file = whole / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            whole.rename(folder)
        return folder

    def _filled(self, template: str) -> str:
        text = files(__package__).joinpath("templates", f"{template}.tmpl").read_text("utf-8")
        return Template(text).substitute(
            name=self.name,
            kind=self.kind,
            title=self.name.replace("_", " ").strip().capitalize(),
            cls="".join(word.capitalize() for word in self.name.split("_")),
            module=self.module,
            distribution=self.distribution,
            trial=self.trial,
        )
