"""Tools: what they are, how models call them, how a call runs, and those that are known by name."""
