"""The mock model: answers offline for any team, by reading the tools, hand-offs and schemas it is offered."""

from salon.models.mock.client import MockClient, MockConfig

__all__ = ["MockClient", "MockConfig"]
