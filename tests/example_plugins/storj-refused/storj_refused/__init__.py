"""Plugins that are refused before they work, each for a reason of its own."""
