import storj_hours

from storj_monitor.testing import SourceConformance


class TestHours(SourceConformance):
    plugin = storj_hours
