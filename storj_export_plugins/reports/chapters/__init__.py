"""What reports are put together from: one module for each subject, none of them a plugin."""
