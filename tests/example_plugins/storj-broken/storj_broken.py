import a_library_that_nobody_has  # noqa: F401  it is what is wrong with this plugin
