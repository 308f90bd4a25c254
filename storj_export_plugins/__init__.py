"""The plugins that come with storj-monitor, treated exactly like a stranger's."""
