"""Follows a room from outside: frames, their order, a link that comes back. Knows no server module."""
