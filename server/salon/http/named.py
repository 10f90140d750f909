"""Routes that begin with the name of an agent or team, and shadow nothing else."""

from typing import Annotated

from fastapi import Path
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from salon.agents.agent import RESERVED_NAMES
from salon.errors import SalonError
from salon.runtime import Runtime

Name = Annotated[str, Path(description="An agent or a team.", max_length=64)]


class NamedRoute(APIRoute):
    """Matches only what is served under its first segment, so that routes added later are still found.

    A chat route matches every name that could be an agent's: who misspelt one is told which there are.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether this route is meant."""
        match, child = super().matches(scope)
        if match == Match.NONE or scope["type"] != "http":
            return match, child
        name = child["path_params"]["name"]
        runtime: Runtime = scope["app"].state.runtime
        asked = scope["method"] == "POST" and scope["path"].endswith("/chat/completions")
        if name in runtime.catalog.names() or (asked and name not in RESERVED_NAMES):
            return match, child
        return Match.NONE, {}


def known(runtime: Runtime, name: str) -> str:
    """The name itself, when something is served under it. Raises SalonError (`not_found`), which says what is."""
    names = runtime.catalog.names()
    if name not in names:
        raise SalonError("not_found", f"Agent '{name}' not found. Available: {names}")
    return name
