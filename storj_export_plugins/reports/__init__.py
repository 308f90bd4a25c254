"""The built-in reports, one module each; each knows the public plugin API alone."""
