"""The built-in sources, one module each; each knows the public plugin API alone."""
