"""What routes are given: the server's parts, and bodies that are read without trusting them."""

from typing import Annotated, TypeVar, cast

import orjson
from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from salon.access.origin import allowed
from salon.contracts.openai import ChatRequest
from salon.errors import RequestError, SalonError
from salon.http.errors import unreadable
from salon.runtime import Runtime

B = TypeVar("B", bound=BaseModel)


def runtime(request: Request) -> Runtime:
    """The parts of the server that answers this request."""
    return cast(Runtime, request.app.state.runtime)


async def read_body(request: Request, shape: type[B], example: str) -> B:
    """The body as what `shape` describes, whatever its declared content type: curl's `-d` says that JSON is a form.

    Strictly JSON: no NaN, no lone surrogates, no bottomless nesting. Raises RequestError with the field and the remedy.
    """
    refuse_foreign_form(request)
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise RequestError(f"the body is not valid JSON: it cannot be read from character {error.pos} on") from None
    if not isinstance(body, dict):
        raise RequestError(f"the body must be a JSON object, such as {example}")
    try:
        return shape.model_validate(body)
    except ValidationError as problem:
        raise unreadable(problem.errors(include_url=False, include_input=False)) from None


async def chat_request(request: Request) -> ChatRequest:
    """The body as a chat request. Raises RequestError."""
    return await read_body(request, ChatRequest, '{"model": …, "messages": […]}')


def refuse_foreign_form(request: Request) -> None:
    """A page of another site may send a form without asking the browser's CORS first, but not JSON."""
    origin = request.headers.get("origin")
    if origin is None or "json" in request.headers.get("content-type", ""):
        return
    if not allowed(origin, request.headers.get("host"), runtime(request).settings.cors_origins):
        raise SalonError("forbidden", "pages of other sites must send content-type: application/json")


Parts = Annotated[Runtime, Depends(runtime)]
Chat = Annotated[ChatRequest, Depends(chat_request)]
