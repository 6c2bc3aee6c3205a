"""Configuration: read, checked with positions, and handed on as values."""
