"""Where an agent lives when it belongs to no server. The port only: what provides it is joined far above."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from salon.access.scopes import Scopes, scopes_of

if TYPE_CHECKING:
    from salon.agents.agent import Agent
    from salon.agents.alone.reply import StreamingReply
    from salon.agents.alone.result import RunResult

Message = Mapping[str, object]
"""A message in OpenAI's shape: `{"role": "user", "content": "…"}`."""


@dataclass(frozen=True, slots=True)
class Request:
    """What an agent is asked, and by whom.

    Args:
        messages: the last is answered; the others are what was said before, in a conversation that begins.
        user: whose thread it is; None for who is being answered where this is asked, else for anonymous.
        scopes: what that user may use beside what is open to everyone; None for what they may where this is asked.
        tools: the caller's own, in OpenAI's shape.
        goes_on: whether a program that names nobody talks in a thread too; otherwise `messages` are all that was said.
    """

    messages: Sequence[Message]
    user: str | None = None
    scopes: frozenset[str] | None = None
    tools: Sequence[Mapping[str, object]] = ()
    goes_on: bool = False

    @classmethod
    def of(
        cls, messages: str | Sequence[Message], tools: Sequence[Mapping[str, object]], user: str | None, scopes: Scopes
    ) -> "Request":
        """A request as programs write it: messages or one text, scopes in any form."""
        said = [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
        return cls(said, user, None if scopes is None else scopes_of(scopes), tools)

    @classmethod
    def chat(cls, text: str, user: str | None) -> "Request":
        """The next thing that somebody says in their thread."""
        return cls([{"role": "user", "content": text}], user, goes_on=True)


class Home(Protocol):
    """One agent's models and threads. It remembers a thread for each user, apart from all others; what nobody in
    particular asks outside of a thread is a conversation of its own.
    """

    async def ask(self, request: Request) -> "RunResult":
        """Let the agent answer.

        Raises SalonError: `bad_request` for messages that cannot be used, `forbidden` when `auth` says so, or why the
        agent could not answer.
        """

    def stream(self, request: Request) -> "StreamingReply":
        """The same in pieces; the agent begins when the first is taken, and errors are raised then."""

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
