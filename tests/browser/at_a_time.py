"""The command line, with SOURCE_DATE_EPOCH for what is sent by itself too."""

import sys

from storj_monitor import clock
from storj_monitor.cli import main

if __name__ == "__main__":
    clock.real_now = clock.now
    sys.exit(main())
