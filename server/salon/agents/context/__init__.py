"""What tools and hooks are given to work with: the request they serve, and the room it belongs to."""
