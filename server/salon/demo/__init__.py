"""The team that serves when nobody brought another: a host and four specialists with real tools, all offline."""

from salon.demo.cast import team

__all__ = ["team"]
