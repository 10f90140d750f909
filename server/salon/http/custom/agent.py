"""An agent that is a function of the application: on paths of its own, on /v1 and in rooms."""

import inspect
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from salon.agents.agent import Agent
from salon.billing.pricing import price_of
from salon.chat.catalog import Catalog
from salon.chat.others import Others, Outline
from salon.contracts.runs import Principal, Responder
from salon.http.agents.info import NOT_FOUND, AgentInfo, info_of
from salon.http.custom.answer import Handler, answering
from salon.http.custom.path import AgentPath
from salon.http.deps import Chat, Parts
from salon.http.mirror.completions import complete
from salon.http.mirror.routes import ANSWERS, BODY
from salon.models.own.function import FunctionConfig

UNDESCRIBED = "Answers by a function of this application."


class CustomAgent:
    """A function that answers under a path.

    Args:
        path: such as `/weather/{location}`.
        handler: the function.
        description: what it does; the first paragraph of the function's documentation by default.

    Raises ValueError: see AgentPath.
    """

    def __init__(self, path: str, handler: Handler, description: str = "") -> None:
        self.path = AgentPath(path, handler)
        self._handler = handler
        self._price = price_of(handler)
        self._description = description or inspect.cleandoc(handler.__doc__ or "").partition("\n\n")[0] or UNDESCRIBED

    def agent(self, values: Mapping[str, object]) -> Agent:
        """The agent that answers for some values of the path's parameters."""
        function = answering(self._handler, self.path.path, self._price, values)
        return Agent(
            self.path.name,
            self._description,
            model=FunctionConfig(function),
            credits_per_token=self._price.credits_per_token or 0,
        )

    def elsewhere(self, catalog: Catalog) -> Others:
        """The agent as a model whose name has the path's parameters: `weather/paris`."""
        return _Elsewhere(self, catalog)

    def routes(self) -> APIRouter:
        """POST {path}, POST {path}/chat/completions and GET {path}."""
        router = APIRouter(tags=["OpenAI, one agent"])
        path, name = self.path.path, self.path.name
        bound = Annotated[Mapping[str, object], Depends(_values(self.path))]

        async def ask(request: Request, runtime: Parts, body: Chat, values: bound) -> Response:
            responder = runtime.catalog.alone(self.agent(values))
            return await complete(request, runtime, body, self.path.model(request.path_params), responder)

        async def describe(runtime: Parts, values: bound) -> AgentInfo:
            return info_of(runtime, self.agent(values))

        for where in (path, f"{path}/chat/completions"):
            router.add_api_route(
                where,
                ask,
                methods=["POST"],
                name=name,
                summary=f"Ask {name}",
                description=self._description,
                responses=ANSWERS,
                openapi_extra=BODY,
            )
        router.add_api_route(path, describe, methods=["GET"], name=name, responses=NOT_FOUND)
        return router


class _Elsewhere:
    """Finds a function's agent by its path; see Others. It is in no list: there is one for each value."""

    def __init__(self, custom: CustomAgent, catalog: Catalog) -> None:
        self._custom = custom
        self._catalog = catalog

    async def find(self, name: str, who: Principal) -> Responder | None:
        agent = await self.agent(name, who)
        return self._catalog.alone(agent) if agent is not None else None

    async def agent(self, name: str, who: Principal) -> Agent | None:  # noqa: ARG002 - everyone may ask it
        values = self._custom.path.values(name)
        return self._custom.agent(values) if values is not None else None

    async def names(self, who: Principal) -> list[str]:  # noqa: ARG002
        return []

    async def outlines(self, who: Principal) -> list[Outline]:  # noqa: ARG002
        return []


def _values(path: AgentPath) -> object:
    """A FastAPI dependency with the function's own parameters: FastAPI converts and checks them."""

    def values(**found: object) -> Mapping[str, object]:
        return found

    values.__signature__ = inspect.Signature(path.parameters)  # type: ignore[attr-defined]
    return values
