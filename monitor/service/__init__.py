"""The daemon: wiring, scheduling, signals."""
