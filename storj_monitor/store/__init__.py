"""The only place that opens the database."""
