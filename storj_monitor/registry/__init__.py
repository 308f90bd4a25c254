"""Entry points become a read-only catalogue: discover, admit, collect, freeze."""
