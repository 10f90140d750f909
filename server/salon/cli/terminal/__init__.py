"""The terminal client: a person's view of one room over the real WebSocket contract, and nothing of the server behind it."""
