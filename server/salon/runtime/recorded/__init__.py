"""Recordings: a room's log in a file, told again entry by entry, or played by mocks in the agents' places."""
