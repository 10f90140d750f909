"""Databases of an application's own, used as they are."""
