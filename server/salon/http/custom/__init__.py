"""Agents that are functions of the application, each under a path of its own."""
