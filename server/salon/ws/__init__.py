"""The WebSocket surface `/ws/agent`: the way between a socket and the hub."""
