"""`python -m monitor`: the same as the command `rasid`."""

import sys

from monitor.cli.main import main

sys.exit(main())
