"""Lets `python -m storj_monitor` be the command line."""

import sys

from storj_monitor.cli import main

sys.exit(main())
