"""Routes that begin with the name of an agent or team, and shadow nothing else."""

from typing import Annotated

from fastapi import Path
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from salon.agents.arguments import RESERVED_NAMES
from salon.contracts.runs import Principal
from salon.errors import SalonError
from salon.runtime import Runtime
from salon.sources.source import KNOWN_NAME

Name = Annotated[str, Path(description="An agent or a team.", max_length=129)]


class NamedRoute(APIRoute):
    """Matches what is served under its first segment, so that routes added later are still found.

    A name that is not known may be that of an agent which is still to be made, or, in a chat route, a misspelt one.
    Such a match is a partial one: it counts when no other route of the application matches, of those added later too.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether this route is meant."""
        match, child = super().matches(scope)
        if match == Match.NONE or scope["type"] != "http":
            return match, child
        name = child["path_params"]["name"]
        catalog = scope["app"].state.runtime.catalog
        if name in catalog.names():
            return match, child
        asked = scope["method"] == "POST" and scope["path"].endswith("/chat/completions")
        sane = name not in RESERVED_NAMES and KNOWN_NAME.fullmatch(name) is not None
        possible = match == Match.FULL and sane and (asked or catalog.open)
        return (Match.PARTIAL, child) if possible else (Match.NONE, {})


async def unknown(runtime: Runtime, name: str, who: Principal) -> SalonError:
    """The error that says that there is no such agent or team, and which there are."""
    return SalonError("not_found", f"Agent '{name}' not found. Available: {await runtime.catalog.listed(who)}")
