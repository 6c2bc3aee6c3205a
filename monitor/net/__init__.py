"""What may be dialled, and one bounded HTTP exchange."""

import sys

# httpx does without its command line where that cannot be imported; with it come rich and Pygments,
# 6 MB and 40 ms that a daemon has no use for.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type] # None: not to be imported
