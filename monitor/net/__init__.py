"""What may be dialled, and one bounded HTTP exchange."""
