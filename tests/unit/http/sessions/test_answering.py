"""What goes wrong has a status and one shape, in whatever application the routers are."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, HTTPException

from salon import Agent, Settings, chat_storage_router, create_agent_router, create_chat_storage_router, handoff, tool
from salon.errors import SalonError
from salon.http.sessions.answering import status_of
from salon.http.sessions.place import Place
from salon.models.mock.scenario import Scenario
from salon.runtime.sessions.exchange import RunFailed


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (SalonError("bad_request", "no"), 422),
        (SalonError("not_found", "no"), 404),
        (SalonError("forbidden", "no"), 403),
        (SalonError("busy", "no"), 409),
        (SalonError("unavailable", "no"), 503),
        (RunFailed("model_error", "no"), 502),
        (RunFailed("agent_error", "no"), 502),
        (RunFailed("internal", "no"), 502),
        (RunFailed("rate_limited", "no"), 503),
        (RunFailed("timeout", "no"), 503),
        (RunFailed("cancelled", "no"), 503),
    ],
)
@pytest.mark.requirement("S3-25")
def test_every_error_has_a_status(error: SalonError, status: int) -> None:
    assert status_of(error) == status


def application(agent: Agent, *, lost: bool = False) -> FastAPI:
    """A plain application; with `lost` its database does not answer."""
    url = "postgresql://nobody@127.0.0.1:1/none" if lost else "sqlite:///:memory:"
    app = FastAPI()
    app.state.salon_settings = Settings(database_url=url, mock_pace=0)
    app.include_router(create_agent_router(agent, "/guide"))
    app.include_router(chat_storage_router)
    return app


async def opened(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://t") as http:
        yield http


@pytest.mark.requirement("S3-25")
async def test_a_database_that_does_not_answer_is_503() -> None:
    async for http in opened(application(Agent("guide", "You guide."), lost=True)):
        for answered in (await http.get("/chats"), await http.post("/chats", json={"title": "T"})):
            assert answered.status_code == 503
            told = answered.json()
            assert told["success"] is False
            assert set(told["error"]) == {"message", "type", "param", "code"}
            assert int(answered.headers["retry-after"]) >= 1


async def test_an_applications_own_refusals_stay_its_own() -> None:
    def nobody() -> str:
        raise HTTPException(401, "say who you are")

    app = FastAPI()
    app.state.salon_settings = Settings(database_url="sqlite:///:memory:")
    app.include_router(create_chat_storage_router(get_user=nobody))
    async for http in opened(app):
        answered = await http.get("/chats")
        assert (answered.status_code, answered.json()) == (401, {"detail": "say who you are"})


async def test_a_defect_tells_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    @tool
    def lookup() -> str:
        """Look it up."""
        raise RuntimeError("password=hunter2")

    agent = Agent("guide", "You guide.", tools=[lookup], scenario=Scenario.of([{"call": "lookup"}], strict=True))
    async for http in opened(application(agent)):
        answered = await http.post("/guide/run", json={"input": "Look it up"})
        streamed = await http.post("/guide/stream", json={"input": "Look it up"})
        assert answered.status_code == 502
        assert "event: error" in streamed.text
        assert "hunter2" not in answered.text + streamed.text


async def test_tools_and_hand_offs_are_told_as_items() -> None:
    @tool
    def price(seats: int) -> int:
        """What seats cost."""
        return seats * 10

    clerk = Agent(
        "clerk",
        "You sell.",
        tools=[price],
        scenario=Scenario.of([{"call": "price", "args": {"seats": 2}}, {"say": "Twenty."}]),
    )
    host = Agent(
        "host", "You greet.", handoffs=[handoff(clerk)], scenario=Scenario.of([{"handoff": "clerk", "reason": "sales"}])
    )
    async for http in opened(application(host)):
        streamed = await http.post("/guide/stream", json={"input": "Two seats"})
        for told in (
            '"name": "handoff_occured", "item": {"type": "handoff", "source": "host", "target": "clerk"',
            '"new_agent": {"name": "clerk"}',
            '"name": "tool_called", "item": {"type": "function_call"',
            '"name": "tool_output", "item": {"type": "function_call_output"',
            '"final_output": "Twenty.", "success": true, "session_id": null',
        ):
            assert told in streamed.text
        assert (await http.get("/guide/info")).json()["handoffs_count"] == 1


async def test_no_application_has_more_than_one_place() -> None:
    app = application(Agent("guide", "You guide."))
    async for http in opened(app):
        await http.get("/chats")
        place: Place = app.state.salon_place
        await http.get("/guide/info")
        assert app.state.salon_place is place
        assert not place.attended
    with pytest.raises(ValueError, match="hands over to 'nobody'"):
        create_agent_router(Agent("lost", "You guide.", handoffs=["nobody"]), "/lost")
