"""The hub: who is connected, what they watch, and getting every room's entries to them in time and in order."""
