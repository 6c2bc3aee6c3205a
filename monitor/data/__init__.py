"""Packaged data: gazetteer and the starter configuration."""
