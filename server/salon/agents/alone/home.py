"""Where an agent lives when it belongs to no server. The port only: what provides it is joined far above."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from salon.agents.agent import Agent
    from salon.agents.alone.result import RunResult

Message = Mapping[str, object]
"""A message in OpenAI's shape: `{"role": "user", "content": "…"}`."""


class Home(Protocol):
    """One agent's models and threads. It remembers a thread for each user, apart from all others."""

    async def ask(self, messages: Sequence[Message], user: str | None) -> "RunResult":
        """Let the agent answer the last of `messages`; the others are what was said before, in a thread that begins.

        Raises SalonError: `bad_request` for messages that cannot be used, `forbidden` when `auth` says so, or why the
        agent could not answer.
        """

    def new_thread(self, user: str | None) -> None:
        """The next thing that `user` says begins a new thread."""


class Auth(Protocol):
    """An application's own permissions. The answers may be awaitable."""

    def has_permission(self, user: str, action: str, kind: str, id: str) -> bool | Awaitable[bool]:
        """Whether a user may do `action` to the thing `id`, such as "write" to a "thread"."""

    def assign_role(self, user: str, role: str, kind: str, id: str) -> object:
        """Make a user the "owner" of a "thread"."""


class Unprovided(RuntimeError):
    """Nobody has said where agents live: `import salon` does."""


_makers: list[Callable[["Agent"], Home]] = []


def provide(maker: Callable[["Agent"], Home]) -> None:
    """Say who makes homes; the composition root does, once."""
    _makers[:] = [maker]


def home_for(agent: "Agent") -> Home:
    """A new home for an agent. It may be made without an event loop; it is used within one."""
    if not _makers:
        raise Unprovided("agents live nowhere yet; import salon")
    return _makers[0](agent)
