"""Agents from a portal: over HTTP, by somebody who may be slow, silent or wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse

from salon.contracts.runs import Principal
from salon.errors import SalonError
from salon.sources.dynamic import DynamicAgents
from salon.sources.portal import LARGEST_BODY, AgentPortal
from tests.clock import ManualClock
from tests.serving import serving

ANNA = Principal("anna")


@pytest.mark.requirement("S1-69")
async def test_a_portal_is_asked_again_when_its_word_is_old_and_believed_longer_when_it_is_silent(
    clock: ManualClock,
) -> None:
    portal = FastAPI()
    asked: list[str] = []
    known: dict[str, dict[str, Any]] = {"clerk": {"name": "clerk", "instructions": "One."}}

    @portal.get("/agents")
    async def names() -> dict[str, list[str]]:
        return {"agents": list(known)}

    @portal.get("/agents/{name}")
    async def definition(name: str, request: Request) -> Any:
        asked.append(f"{name}?{request.query_params}")
        if name not in known:
            raise HTTPException(404)
        return known[name]

    async with serving(portal) as url:
        agents = DynamicAgents(AgentPortal(f"{url}/agents", fresh=30, clock=clock), environment="production")
        one = await agents.create_agent("clerk", tenant="acme")
        assert one is not None
        assert one.instructions == "One."
        assert asked == ["clerk?environment=production&tenant=acme"]
        known["clerk"] = {"instructions": "Two."}
        assert await agents.create_agent("clerk", tenant="acme") is one
        clock.advance(31)
        two = await agents.create_agent("clerk", tenant="acme")
        assert two is not None
        assert two.instructions == "Two."
        assert await agents.create_agent("nobody") is None
        assert await agents.names(ANNA) == ["clerk"]
    clock.advance(31)
    assert await agents.create_agent("clerk", tenant="acme") is two
    with pytest.raises(SalonError, match="portal does not answer"):
        await agents.create_agent("other")
    assert await agents.names(ANNA) == ["clerk"]
    await agents.close()


async def test_a_portal_that_drips_or_hangs_has_its_time_once_and_is_then_left_alone(clock: ManualClock) -> None:
    portal, asked = FastAPI(), list[str]()

    @portal.get("/{name}")
    async def definition(name: str) -> StreamingResponse:
        asked.append(name)

        async def drip() -> AsyncIterator[bytes]:
            while True:
                yield b" "
                await asyncio.sleep(0.02)

        return StreamingResponse(drip())

    async with serving(portal) as url, asyncio.timeout(5):
        agents = DynamicAgents(AgentPortal(url, timeout=0.1, clock=clock))
        for name in ("clerk", "clerk", "poet"):
            with pytest.raises(SalonError, match="portal does not answer") as failed:
                await agents.create_agent(name)
            assert failed.value.code == "unavailable"
        assert await agents.names(ANNA) == []
        assert asked == ["clerk"]
        clock.advance(6)
        with pytest.raises(SalonError, match="portal does not answer"):
            await agents.create_agent("poet")
        assert asked == ["clerk", "poet"]
        await agents.close()


@pytest.mark.parametrize(
    "lie", ["[1, 2]", "{}", '"clerk"', "<html>", '{"instructions": "x", "api_key": "sk-1"}', " " * (LARGEST_BODY + 1)]
)
async def test_what_a_portal_should_not_have_said_is_not_believed(clock: ManualClock, lie: str) -> None:
    portal, said = FastAPI(), ['{"instructions": "One."}']

    @portal.get("/{name}")
    async def definition(name: str) -> StreamingResponse:
        return StreamingResponse(iter([said[0].encode()]))

    async with serving(portal) as url:
        agents = DynamicAgents(AgentPortal(url, fresh=30, clock=clock))
        one = await agents.create_agent("clerk")
        said[0] = lie
        clock.advance(31)
        assert await agents.create_agent("clerk") is one
        with pytest.raises(SalonError):
            await agents.create_agent("poet")
        await agents.close()


@pytest.mark.parametrize("listed", [{"agents": 5}, {"agents": None}, 7, "clerk", [3, None, {"name": 4}, "../up"]])
async def test_a_list_that_is_none_names_nobody(clock: ManualClock, listed: object) -> None:
    portal = FastAPI()

    @portal.get("/")
    async def names() -> object:
        return listed

    async with serving(portal) as url:
        assert await DynamicAgents(AgentPortal(url, clock=clock)).names(ANNA) == []


@pytest.mark.requirement("S1-63")
async def test_a_list_tells_who_may_see_an_agent_and_the_definition_is_surer(clock: ManualClock) -> None:
    portal = FastAPI()

    @portal.get("/")
    async def names() -> object:
        return ["open", {"name": "vault", "scope": ["owner"]}, "unsure"]

    @portal.get("/unsure")
    async def unsure() -> object:
        return {"instructions": "You keep keys.", "scope": ["owner"]}

    owner = Principal("olga", scopes=frozenset({"owner"}))
    async with serving(portal) as url:
        agents = DynamicAgents(AgentPortal(url, clock=clock))
        assert await agents.names(ANNA) == ["open", "unsure"]
        assert await agents.find("unsure", ANNA) is None
        assert await agents.names(ANNA) == ["open"]
        assert await agents.names(owner) == ["open", "vault", "unsure"]
