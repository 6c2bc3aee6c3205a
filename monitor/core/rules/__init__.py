"""Rules: from words and queries to what fires on an article, and why."""
