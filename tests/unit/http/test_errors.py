"""Every error is one that OpenAI's clients understand, with an id, and says what to do."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi.responses import PlainTextResponse, StreamingResponse

from salon.contracts.runs import RunOrder, RunOutcome, Stage
from salon.errors import SalonError
from salon.http.errors import error_response
from tests.unit.http.conftest import MakeSurface


def error_of(response: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"message", "type", "param", "code"}
    assert response.headers["x-request-id"]
    error: dict[str, Any] = body["error"]
    return error


async def test_an_unknown_model_is_not_found_and_told_what_there_is(surface: MakeSurface) -> None:
    response = await surface().ask(model="nobody")
    error = error_of(response)
    assert response.status_code == 404
    assert (error["param"], error["code"]) == ("model", "model_not_found")
    assert "crew, host, writer" in error["message"]


@pytest.mark.requirement("S1-53")
@pytest.mark.parametrize(
    "path",
    [
        "/agents/nobody/chat/completions",
        "/agents/nobody/v1/chat/completions",
        "/nobody/chat/completions",
        "/nobody/v1/chat/completions",
    ],
)
async def test_an_unknown_agent_is_told_who_is_available(surface: MakeSurface, path: str) -> None:
    response = await surface().ask(path=path)
    assert response.status_code == 404
    assert error_of(response)["message"] == "Agent 'nobody' not found. Available: ['crew', 'host', 'writer']"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": [{"role": "user", "content": "x"}]}, "model"),
        ({"model": "crew"}, "messages"),
        ({"model": "crew", "messages": [{"role": "user", "content": "x"}], "n": 2}, "n"),
        (
            {"model": "crew", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
            "messages[0].content[0]",
        ),
    ],
)
async def test_a_bad_parameter_is_named(surface: MakeSurface, body: dict[str, Any], param: str) -> None:
    response = await surface().http.post("/v1/chat/completions", json=body)
    assert response.status_code == 400
    assert error_of(response)["param"] == param
    assert error_of(response)["message"].startswith(param)
    assert error_of(response)["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"model": "crew", "messages": [{"role": "user", "content": "\\ud800"}]}',
        b'{"model": "crew", "temperature": NaN, "messages": [{"role": "user", "content": "x"}]}',
        b'{"model": "crew", "temperature": 1e999, "messages": [{"role": "user", "content": "x"}]}',
        b'{"model": "crew", "metadata": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b'{"model": "crew", "tools": [{"type": "function", "function": {"name": "f", "parameters": '
        + b'{"a":' * 900 + b"{}" + b"}" * 900
        + b'}}], "messages": [{"role": "user", "content": "x"}]}',
    ],
)  # fmt: skip
async def test_bodies_that_are_no_requests_are_bad_requests(surface: MakeSurface, body: bytes) -> None:
    response = await surface().http.post("/v1/chat/completions", content=body)
    assert response.status_code == 400
    assert error_of(response)["type"] == "invalid_request_error"


async def test_a_path_that_is_not_there_is_not_found_in_the_same_shape(surface: MakeSurface) -> None:
    response = await surface().http.post("/v1/embeddings", json={})
    assert response.status_code == 404
    assert "POST /v1/embeddings" in error_of(response)["message"]


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/v1/chat/completions", "POST"),
        ("DELETE", "/v1/models", "GET"),
        ("PUT", "/host/chat/completions", "POST"),
        ("POST", "/agents", "GET"),
        ("POST", "/health", "GET"),
    ],
)
async def test_a_method_that_is_not_allowed_is_told_which_is(
    surface: MakeSurface, method: str, path: str, allow: str
) -> None:
    response = await surface().http.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, allow)
    assert allow in error_of(response)["message"]


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_beyond_the_limit_is_too_large(surface: MakeSurface, declared: bool) -> None:
    one = surface(max_body_bytes=1024)

    async def pieces() -> Any:
        for _ in range(4):
            yield b" " * 512

    response = await one.http.post("/v1/chat/completions", content=b" " * 2048 if declared else pieces())
    assert response.status_code == 413
    assert "1024 bytes" in error_of(response)["message"]


async def test_a_query_that_cannot_be_used_is_named(surface: MakeSurface) -> None:
    response = await surface().http.get("/", params={"search": "x", "top_k": "many"})
    assert (response.status_code, error_of(response)["param"]) == (400, "top_k")


async def test_a_defect_is_told_by_an_id_only(surface: MakeSurface) -> None:
    one = surface()

    @one.app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("secret details")

    response = await one.http.get("/broken", headers={"origin": "http://localhost:3000"})
    error = error_of(response)
    assert (response.status_code, error["type"], error["code"]) == (500, "api_error", "internal")
    assert "err_" in error["message"]
    assert "secret" not in response.text
    assert response.headers["access-control-allow-origin"] == "http://localhost:3000"


async def test_a_defect_of_a_responder_is_told_by_an_id_only(surface: MakeSurface) -> None:
    async def play(stage: Stage, order: RunOrder) -> RunOutcome:
        raise ZeroDivisionError("secret details")

    response = await surface(play).ask()
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "err_" in error_of(response)["message"]


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (SalonError("rate_limited", "slow down", retry_after=2.1), 429, {"retry-after": "3"}),
        (SalonError("rate_limited", "slow down", retry_after=500), 429, {"retry-after": "60"}),
        (SalonError("rate_limited", "slow down", retry_after=0), 429, {"retry-after": "1"}),
        (SalonError("limit_exceeded", "full"), 429, {"x-should-retry": "false"}),
        (SalonError("conflict", "no"), 409, {"x-should-retry": "false"}),
        (SalonError("unauthenticated", "who are you"), 401, {"www-authenticate": "Bearer"}),
        (SalonError("model_error", "away"), 502, {}),
        (SalonError("not_found", "nobody"), 404, {}),
    ],
)
def test_clients_are_told_whether_and_when_to_try_again(
    error: SalonError, status: int, headers: dict[str, str]
) -> None:
    response = error_response(error)
    told = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
    assert (response.status_code, told) == (status, headers)


@pytest.mark.parametrize(
    ("code", "openai_code"), [("unauthenticated", "invalid_api_key"), ("rate_limited", "rate_limit_exceeded")]
)
def test_codes_that_clients_look_for_are_openais(code: str, openai_code: str) -> None:
    assert json.loads(bytes(error_response(SalonError(code, "no")).body))["error"]["code"] == openai_code


async def test_a_sane_request_id_is_kept_and_another_replaced(surface: MakeSurface) -> None:
    http = surface().http
    assert (await http.get("/health", headers={"x-request-id": "abc-1"})).headers["x-request-id"] == "abc-1"
    odd = (await http.get("/health", headers={"x-request-id": "a b\tc"})).headers["x-request-id"]
    assert odd.startswith("req_")
    assert (await http.get("/health")).headers["x-request-id"] != odd


async def test_routes_that_a_user_adds_later_are_found(surface: MakeSurface) -> None:
    one = surface()

    @one.app.get("/mine", response_class=PlainTextResponse)
    def mine() -> str:
        return "mine"

    assert (await one.http.get("/mine")).text == "mine"


async def test_an_answer_that_has_begun_is_cut_off_when_it_breaks(surface: MakeSurface) -> None:
    one = surface()

    async def body() -> AsyncIterator[bytes]:
        yield b"half"
        raise ZeroDivisionError

    @one.app.get("/half")
    def half() -> StreamingResponse:
        return StreamingResponse(body())

    with pytest.raises(ZeroDivisionError):
        await one.http.get("/half")
