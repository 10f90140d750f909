"""One agent speaking: the turn itself, what it tells its room, and what its tools may ask of it."""
