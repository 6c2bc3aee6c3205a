"""Ways out: mail, Apprise's services, the terminal."""
