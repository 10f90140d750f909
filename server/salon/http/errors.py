"""Every error of the HTTP surface, in OpenAI's shape: handlers for what routes raise and for what never reaches one."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException

from salon.contracts.openai import ErrorBody, ErrorInfo
from salon.errors import Detail, RequestError, SalonError

Responses = dict[int | str, dict[str, Any]]
"""FastAPI's documentation of answers, by status."""

LONGEST_WAIT = 60.0
"""Seconds: OpenAI's clients do not retry at all when they are told to wait longer."""

_OPENAI_CODES = {"unauthenticated": "invalid_api_key", "rate_limited": "rate_limit_exceeded"}
_CODE_OF_STATUS = {400: "bad_request", 401: "unauthenticated", 403: "forbidden", 404: "not_found", 405: "bad_request",
                   413: "too_large", 415: "bad_request", 429: "rate_limited", 503: "unavailable"}  # fmt: skip
_RETRIED = frozenset({408, 409, 429})
_SUBJECT = re.compile(r"^(Input|String|List|Dictionary|Value) should ")


def answer_errors(app: FastAPI) -> None:
    """Make every error of `app` one that OpenAI's clients understand."""
    app.add_exception_handler(SalonError, _salon_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)


def code_of(status: int) -> str:
    """The error table's code for an HTTP status."""
    return _CODE_OF_STATUS.get(status, "bad_request" if status < 500 else "internal")


def error_info(error: SalonError) -> ErrorInfo:
    """An error as OpenAI describes it; `param` and `code` come from the first detail when there is one."""
    detail = error.details[0] if error.details else None
    return ErrorInfo(
        message=error.message,
        type=error.spec.type,
        param=_dotted(detail.path) if detail and detail.path else None,
        code=detail.code if detail else _OPENAI_CODES.get(error.code, error.code),
    )


def error_response(error: SalonError, *, status: int | None = None, shape: type[ErrorBody] = ErrorBody) -> Response:
    """The whole answer, with what tells clients whether and when to try again.

    `status` and `shape` are those of a surface that has its own.
    """
    spec = error.spec
    headers: dict[str, str] = {}
    if error.retry_after is not None:
        headers["retry-after"] = str(math.ceil(min(max(error.retry_after, 1.0), LONGEST_WAIT)))
    if not spec.retryable and (spec.status in _RETRIED or spec.status >= 500):
        headers["x-should-retry"] = "false"
    if spec.status == 401:
        headers["www-authenticate"] = "Bearer"
    return _response(status or spec.status, error_info(error), headers, shape)


def refused(param: str, code: str, message: str, *, error: str = "bad_request") -> SalonError:
    """An error about one parameter: `param` as a client writes it, `error` a code of the error table."""
    details = [Detail(f"/{param}", code, message)]
    return RequestError(message, details) if error == "bad_request" else SalonError(error, message, details=details)


def unreadable(issues: Iterable[ErrorDetails], *, skip: int = 0) -> RequestError:
    """What pydantic found wrong with a body, field by field; `skip` steps at the front of each path are left out."""
    details = []
    for issue in issues:
        path = "".join(f"/{step}" for step in issue["loc"][skip:])
        name = _dotted(path)
        text = _SUBJECT.sub("must ", issue["msg"])
        details.append(Detail(path, issue["type"], f"{name}: {text}" if name else text))
    return RequestError(details[0].message, details)


def _dotted(pointer: str) -> str:
    """`/messages/0/content` as OpenAI names it: `messages[0].content`."""
    steps = pointer.removeprefix("/payload").split("/")[1:]
    name = "".join(f"[{step}]" if step.isdecimal() else f".{step[:64]}" for step in steps)
    return name.removeprefix(".")


def _response(status: int, info: ErrorInfo, headers: Mapping[str, str], shape: type[ErrorBody] = ErrorBody) -> Response:
    body = shape(error=info).model_dump_json()
    return Response(body, status, headers=dict(headers), media_type="application/json")


def _salon_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, SalonError)  # noqa: S101 - registered for this type
    return error_response(error)


def _validation_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type
    issues: Sequence[ErrorDetails] = error.errors()
    return error_response(unreadable(issues, skip=1))  # where in the request the field is, such as "query"


def http_error_response(request: Request, error: HTTPException) -> Response:
    """An error of the framework's kind, with its own status and headers."""
    code = code_of(error.status_code)
    headers = dict(error.headers or {})
    where = f"{request.method} {request.url.path[:200]}"
    match error.status_code:
        case 404 if error.detail == "Not Found":
            message = f"there is no {where}; what there is stands at /docs and in GET /v1/models"
        case 405:
            message = f"{where} is not allowed; allowed: {headers.get('allow') or headers.get('Allow', 'nothing')}"
        case _:
            message = str(error.detail)
    told = error_info(SalonError(code, message))
    return _response(error.status_code, told, headers)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type
    return http_error_response(request, error)
