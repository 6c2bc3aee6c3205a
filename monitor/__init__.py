"""Rasid (راصد): watches Arabic news feeds and alerts on keywords and places."""
