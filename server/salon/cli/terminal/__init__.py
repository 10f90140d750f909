"""The terminal client: one person's view of one room over the WebSocket contract; it knows no server module."""
