"""Rules: standard library only, no await, no clock of its own."""
