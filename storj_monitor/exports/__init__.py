"""One way from a request to a file, for HTTP, the command line and schedules."""
