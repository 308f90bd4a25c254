"""The built-in channels, one module each; each knows the public plugin API alone."""
