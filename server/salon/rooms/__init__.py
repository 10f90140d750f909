"""Rooms: the single writer of each log, the fold that makes state of it, and the lobby that finds or opens them."""
