"""What of an address must not be seen."""

from __future__ import annotations

from monitor.core.redact import address_secrets


def test_what_is_no_address_at_all_is_secret_as_a_whole() -> None:
    assert address_secrets("not an address") == {"not an address"}
    assert address_secrets("") == frozenset()
