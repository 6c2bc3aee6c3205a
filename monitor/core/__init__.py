"""Pure decisions: no clock, file, socket, random or logging here."""
