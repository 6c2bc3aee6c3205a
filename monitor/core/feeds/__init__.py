"""Feeds: identity of entries, and when to check next."""
