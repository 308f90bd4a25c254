"""The built-in formats, one module each; each knows the public plugin API alone."""
