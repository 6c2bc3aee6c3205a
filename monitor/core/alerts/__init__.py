"""Alerts: identifiers, routes, retries and the words of a message."""
