"""Each example is tested as its author would: from its own folder, by tests/testing."""

collect_ignore_glob = ["*"]
