"""Who answers in rooms that people open: the first team there is, looked for when it is needed."""

from collections.abc import Callable, Mapping

from salon.contracts.runs import Responder, RunOrder, RunOutcome, Stage
from salon.contracts.types import AgentCard


class Front:
    """The Responder of a server's rooms. A server may get its agents after it was made; until then nobody answers.

    Args:
        first: who answers, if there is somebody.
    """

    def __init__(self, first: Callable[[], Responder | None]) -> None:
        self._first = first

    @property
    def team(self) -> str:
        """The team's name."""
        first = self._first()
        return first.team if first is not None else "nobody"

    def roster(self) -> list[AgentCard]:
        """The agents that may be addressed."""
        first = self._first()
        return first.roster() if first is not None else []

    def tools(self) -> Mapping[str, str]:
        """Names of the agents' own tools."""
        first = self._first()
        return first.tools() if first is not None else {}

    async def respond(self, stage: Stage, order: RunOrder) -> RunOutcome:
        """Answer until the floor is the people's again."""
        first = self._first()
        if first is None:
            return RunOutcome(outcome="error", reason="this server has no agent yet that answers", error="unavailable")
        return await first.respond(stage, order)
