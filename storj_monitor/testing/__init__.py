"""The kit for authors of plugins: what every format, source, report and channel is held to.

A test of a plugin is a class with its module in it, which pytest runs:

    import storj_psv
    from storj_monitor.testing import FormatConformance

    class TestPsv(FormatConformance):
        plugin = storj_psv     # what the entry point names
        name = "psv"           # which of its formats; may be left out if it offers one

Each method is a rule, and says what is wrong and what the rule is. The other names here are for
tests of an author's own. pip install 'storj-monitor[testing]' brings what it needs.
"""

try:
    from storj_monitor.testing.channels import ChannelConformance
    from storj_monitor.testing.discovered import conformance_classes
    from storj_monitor.testing.distributions import fake_distribution
    from storj_monitor.testing.documents import AWKWARD_NAMES, awkward_documents
    from storj_monitor.testing.fakes import FakeCatalogue, FakeReader
    from storj_monitor.testing.formats import FormatConformance
    from storj_monitor.testing.reports import ReportConformance
    from storj_monitor.testing.sources import SourceConformance
    from storj_monitor.testing.spellings import SPELLINGS, Spelling
    from storj_monitor.testing.stores import (
        SAMPLE_NOW,
        SAMPLE_SPAN,
        awkward_store,
        empty_store,
        sample_store,
    )
except ModuleNotFoundError as error:
    if error.name not in ("pytest", "time_machine"):
        raise
    message = (
        f"storj_monitor.testing needs {error.name}, which isn't installed. "
        "Run: pip install 'storj-monitor[testing]'"
    )
    raise ModuleNotFoundError(message, name=error.name) from error

__all__ = [
    "AWKWARD_NAMES",
    "SAMPLE_NOW",
    "SAMPLE_SPAN",
    "SPELLINGS",
    "ChannelConformance",
    "FakeCatalogue",
    "FakeReader",
    "FormatConformance",
    "ReportConformance",
    "SourceConformance",
    "Spelling",
    "awkward_documents",
    "awkward_store",
    "conformance_classes",
    "empty_store",
    "fake_distribution",
    "sample_store",
]
