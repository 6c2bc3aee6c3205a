"""All kinds of servers, each with a name of its own. This module must only list them.

Those that only a limit of time ends are apart, so that a short one need not do for the others.
"""

from __future__ import annotations

import etiquette_bad as bad
import etiquette_good as good

KINDS = (
    *good.VALIDATORS,
    *good.BODIES,
    *good.HINTS,
    *bad.STATUSES,
    *bad.REDIRECTS,
    *bad.BODIES,
    *bad.TRANSPORT,
)

SLOW = bad.SLOW
