"""How the log of a room is stored: its rows, how they are read, and the one writer of all rooms."""
