"""The HTTP server: routes built from the catalogue, and the page."""
