"""Places: the gazetteer and whether a name in a text is the place."""
