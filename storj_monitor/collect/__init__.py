"""What nodes say, read: log lines become transfers in the store."""
