"""Whether the server does what it says of itself: schemathesis makes up what it is asked."""
