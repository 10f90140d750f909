"""Fills JSON schemas from what a request says: the mock's tool arguments and structured answers."""
