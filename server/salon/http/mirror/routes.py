"""Where the mirror is found: under /v1 for every model, and under each agent's own paths."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic.json_schema import JsonSchemaValue

from salon.contracts.openai import ChatCompletion, ChatRequest, ErrorBody, Model, ModelList
from salon.http.agents.named import Name, NamedRoute, unknown
from salon.http.deps import Chat, Parts
from salon.http.errors import Responses, refused
from salon.http.identity import Caller
from salon.http.mirror.completions import complete
from salon.http.mirror.ordering import ROOM


def inlined(schema: JsonSchemaValue) -> JsonSchemaValue:
    """A JSON Schema without references: those of a request body would point outside of it in an OpenAPI document."""
    definitions = schema.pop("$defs", {})

    def resolve(node: object) -> object:
        if isinstance(node, list):
            return [resolve(item) for item in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if isinstance(reference, str):
            name = reference.rpartition("/")[2]
            return {} if name == "Json" else resolve(definitions[name])  # any JSON: the only one that contains itself
        return {key: resolve(value) for key, value in node.items()}

    return {key: resolve(value) for key, value in schema.items()}


BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": inlined(ChatRequest.model_json_schema())}},
    }
}
ERRORS: Responses = {status: {"model": ErrorBody} for status in (400, 401, 404, 413, 429, 500)}
ANSWERS: Responses = {
    200: {
        "model": ChatCompletion,
        "description": "The answer; with `stream: true` as `chat.completion.chunk` events that end with `[DONE]`.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    **ERRORS,
}

every_model = APIRouter(prefix="/v1", tags=["OpenAI"])
every_agent = APIRouter(prefix="/agents/{name}", tags=["OpenAI, one agent"])
every_name = APIRouter(prefix="/{name}", tags=["OpenAI, one agent"], route_class=NamedRoute)


@every_model.post("/chat/completions", responses=ANSWERS, openapi_extra=BODY)
async def create_completion(request: Request, runtime: Parts, body: Chat) -> Response:
    """Ask an agent, a team (`model`), or a live room (`model: "room:<id>"`), whose watchers all see the answer."""
    if not body.model:
        raise refused("model", "missing", "model: name an agent, a team or room:<id>; GET /v1/models lists them")
    return await complete(request, runtime, body, body.model)


@every_model.get("/models", responses=ERRORS)
async def list_models(request: Request, runtime: Parts, caller: Caller) -> ModelList:
    """Everything that you can ask: teams, agents, and the rooms that are open to you."""
    rooms = [f"{ROOM}{room.id}" for room in runtime.lobby.rooms() if room.admits(caller.user)]
    return _models(request, [*await runtime.catalog.listed(caller), *rooms])


@every_model.get("/models/{model:path}", responses=ERRORS)
async def find_model(
    request: Request, runtime: Parts, caller: Caller, model: Annotated[str, Path(max_length=256)]
) -> Model:
    """One of them. Answers 404 for what cannot be asked, and for rooms that are not open."""
    if model.startswith(ROOM):
        room = runtime.lobby.find(model.removeprefix(ROOM))
        found = room is not None and room.admits(caller.user)
    else:
        found = await runtime.catalog.find(model, caller) is not None
    if found:
        return Model(id=model, created=request.app.state.started)
    text = f"the model '{model}' does not exist; GET /v1/models lists what there is"
    raise refused("model", "model_not_found", text, error="not_found")


async def ask_named(request: Request, runtime: Parts, caller: Caller, body: Chat, name: Name) -> Response:
    """Ask this agent or team; `model` may be left out."""
    responder = await runtime.catalog.find(name, caller)
    if responder is None:
        raise await unknown(runtime, name, caller)
    return await complete(request, runtime, body, name, responder)


async def list_named(request: Request, runtime: Parts, caller: Caller, name: Name) -> ModelList:
    """The one model there is under an agent's own path."""
    if await runtime.catalog.find(name, caller) is None:
        raise await unknown(runtime, name, caller)
    return _models(request, [name])


for router, prefix in ((every_agent, ""), (every_agent, "/v1"), (every_name, ""), (every_name, "/v1")):
    router.add_api_route(
        f"{prefix}/chat/completions", ask_named, methods=["POST"], responses=ANSWERS, openapi_extra=BODY
    )
    router.add_api_route(f"{prefix}/models", list_named, methods=["GET"], responses=ERRORS)


def _models(request: Request, names: list[str]) -> ModelList:
    return ModelList(data=[Model(id=name, created=request.app.state.started) for name in names])
