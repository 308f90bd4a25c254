"""Calendar spans, and what a report is built from."""
