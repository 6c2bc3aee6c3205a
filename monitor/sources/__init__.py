"""From an address to entries."""
