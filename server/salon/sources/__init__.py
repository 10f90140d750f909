"""Agents that are not written into the server: where their definitions come from, and who makes and keeps them."""
