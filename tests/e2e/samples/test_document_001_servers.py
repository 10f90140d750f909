"""Document 001, chapters 4 and 5: agents behind FastAPI applications of one's own, factories, and deployment."""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from fastapi import FastAPI

from salon import Agent, Settings, Skill
from tests.e2e.processes import free_port, running
from tests.e2e.samples.blocks import corrected, defined_first, printed, run, sample, supplied
from tests.e2e.samples.watch import Watch
from tests.serving import serving


@asynccontextmanager
async def asked(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The application behind a real server, and a client of it."""
    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=20) as http:
        yield http


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], **more}


def answer(response: httpx.Response) -> str:
    assert response.status_code == 200, response.text
    return str(response.json()["choices"][0]["message"]["content"])


def streamed(response: httpx.Response) -> str:
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [line.removeprefix("data: ") for line in response.text.splitlines() if line]
    assert events[-1] == "[DONE]"
    return "".join(json.loads(event)["choices"][0]["delta"].get("content", "") for event in events[:-1])


@pytest.mark.requirement("S1-42", "S1-43", "S1-44", "S1-47")
async def test_001_08_one_agent_behind_an_endpoint_of_ones_own() -> None:
    """A class that is used before it is defined."""
    taken = supplied("Skill", "tool", "hook", "Context")
    names = await run(defined_first(sample("001_08"), "PersonalAssistantSkill"), taken)
    watch = Watch(names["my_agent"])
    curl = re.search(r"-d '(.*)'", printed("001_08"))
    assert curl is not None
    async with asked(names["app"]) as http:
        url, headers = "/my-assistant/chat/completions", {"Content-Type": "application/json"}
        whole = await http.post(url, content=curl[1], headers=headers)
        assert "Scheduled" in answer(whole)
        assert "for user anonymous" in answer(whole)
        assert (watch.calls, watch.charged) == (["schedule_task"], ["Task scheduling"])
        assert watch.noted["greeting_sent"] is True
        assert "Scheduled" in streamed(await http.post(url, json={**json.loads(curl[1]), "stream": True}))
        failed = await http.post(url, json={"messages": []})
        assert (failed.status_code, failed.json()["detail"][:22]) == (500, "Agent execution failed")
        others = await http.post(url, json=said("What did I say before?"))
        assert "meeting" not in answer(others), "callers do not share a conversation"


@pytest.mark.requirement("S1-50", "S1-51", "S1-52", "S1-53", "S1-54", "S1-55")
async def test_001_09_several_agents_behind_one_endpoint() -> None:
    names = await run(sample("001_09"), supplied("Skill", "tool", "hook", "Context"))
    agents: dict[str, Agent] = names["agents_config"]
    async with asked(names["app"]) as http:
        for name in agents:
            url = f"/agents/{name}/chat/completions"
            assert answer(await http.post(url, json=said("Hello")))
            assert streamed(await http.post(url, json=said("Hello", stream=True)))
        lost = await http.post("/agents/painter/chat/completions", json=said("Hello"))
        assert lost.status_code == 404
        assert lost.json()["detail"] == "Agent 'painter' not found. Available: ['coder', 'writer', 'researcher']"
        listed = (await http.get("/agents")).json()["agents"]
        watch = Watch(agents["coder"])
        reviewed = await http.post("/agents/coder/chat/completions", json=said("Do a code review of `x = 1`"))
        assert "Code review completed" in answer(reviewed)
        assert (watch.calls, watch.charged) == (["code_review"], ["Code review"])
    assert listed["coder"] == {
        "name": "coder",
        "instructions": agents["coder"].instructions,
        "skills": ["coding"],
        "tools_count": 1,
        "hooks_count": 1,
    }
    assert listed["researcher"]["skills"] == ["google", "research"]
    assert {name: one["hooks_count"] for name, one in listed.items()} == {"coder": 1, "writer": 1, "researcher": 0}

    watch = Watch(agents["researcher"])
    for user, scopes in (("uli", ["user"]), ("petra", ["premium"]), ("olga", ["owner"])):
        found = str(await agents["researcher"].run("Do deep research on tea", user_id=user, scopes=scopes))
        assert ("Deep research on" in found) is (user != "uli")
    assert watch.calls.count("deep_research") == 2
    watch = Watch(agents["writer"])
    await agents["writer"].run("Hello", user_id="uli")
    assert "writing_mode" not in watch.noted
    await agents["writer"].run("Hello", user_id="olga", scopes=["owner"])
    assert watch.noted["writing_mode"] == "professional"


@pytest.mark.requirement("S1-56", "S1-57", "S1-58", "S1-59", "S1-63")
async def test_001_10_agents_are_made_when_they_are_asked() -> None:
    """An `else` that stands outside of its `if`; `ResearchSkill`, which the block takes for granted, is the test's."""
    wrong = """\
                tools=request.get("tools", [])
        )
    else:
            # Return standard response with automatic hook execution
            response"""
    right = """\
                tools=request.get("tools", [])
            )
        else:
            # Return standard response with automatic hook execution
            response"""
    taken = {**supplied("Skill", "tool", "hook", "Context"), "ResearchSkill": Skill}
    names = await run(corrected(sample("001_10"), {wrong: right}), taken)
    factory = names["agent_factory"]
    assert names["CONTEXT"].get() is None
    assert factory._agent_cache == {}
    async with asked(names["app"]) as http:
        for name in ("custom-coder", "custom-writer", "research-specialist"):
            assert answer(await http.post(f"/agents/{name}/chat/completions", json=said("Hello")))
            assert streamed(await http.post(f"/agents/{name}/chat/completions", json=said("Hello", stream=True)))
        assert (await http.post("/agents/nobody/chat/completions", json=said("Hello"))).status_code == 404
        info = (await http.get("/agents/custom-writer/info")).json()
    assert info["name"] == "custom-writer"
    assert info["skills"] == ["google", "writing"]
    assert (info["tools"], info["hooks"], info["handoffs"]) == (2, 1, 0)
    coder = await factory.create_agent("custom-coder")
    assert await factory.create_agent("custom-coder") is coder
    assert await factory.create_agent("nobody") is None
    watch = Watch(coder)
    asked_for = "Please debug the code `x = 1 / 0`"
    await coder.run(asked_for, user_id="uli")
    assert "debug_code" not in watch.calls
    assert "Debugged code for olga" in str(await coder.run(asked_for, user_id="olga", scopes=["owner"]))
    assert watch.noted["coding_environment"] == "ready"


@pytest.mark.requirement("S1-67", "S1-70")
async def test_001_13_factories_make_agents_of_configurations(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the factories look things up in is the test's."""
    names = await run(sample("001_13"), {**supplied(BaseAgent="Agent"), "os": os})
    config = {"name": "guide", "instructions": "You guide.", "model": "openai/gpt-4o"}

    class Store:
        async def get_agent_config(self, name: str) -> dict[str, str]:
            return {**config, "name": name}

        get_agent = get_agent_config

    stored, portal = names["DatabaseDynamicAgentFactory"](), names["PortalDynamicAgentFactory"]()
    stored.db = portal.portal_api = Store()
    for factory in (stored, portal):
        assert await (await factory.create_agent("helper")).chat("Hello")
    environment = names["EnvironmentDynamicAgentFactory"]()
    environment.configs = {"development": {"guide": config}, "production": {}}
    assert (await environment.create_agent("guide")).name == "guide"
    monkeypatch.setenv("ENVIRONMENT", "production")
    assert await environment.create_agent("guide") is None


async def test_001_14_the_images_command_serves_a_module(tmp_path: Path) -> None:
    """Only host and port are the test's; the image itself comes with deployment (S1-72)."""
    command = json.loads(re.findall(r"^CMD (.*)$", printed("001_14"), re.MULTILINE)[0])
    port = str(free_port())
    instead = {"0.0.0.0": "127.0.0.1", "8000": port}
    (tmp_path / "server.py").write_text(
        "from salon import Agent, AgentServer\nserver = AgentServer(agents=[Agent('my-assistant', 'You help.')])\n",
        encoding="utf-8",
    )
    arguments = [instead.get(word, word) for word in command]
    async with running("-m", *arguments, cwd=tmp_path, MOCK_PACE="0") as process:
        await process.shows("Application startup complete")
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as http:
            assert (await http.get("/health")).status_code == 200
            assert answer(await http.post("/my-assistant/chat/completions", json=said("Hello")))


def test_001_15_and_16_what_the_deployments_set_is_what_the_server_reads() -> None:
    """Ports and variables; the files themselves come with deployment (S1-73, S1-74). The address of a portal is an
    argument of `AgentPortal`, not a variable."""
    compose = yaml.safe_load(printed("001_15"))["services"]["robutler-agent"]
    deployment, service = yaml.safe_load_all(printed("001_16"))
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    variables = {line.partition("=")[0] for line in compose["environment"]} | {one["name"] for one in container["env"]}
    assert variables - {name.upper() for name in Settings.model_fields} == {"ROBUTLER_API_URL"}
    port = Settings.model_fields["port"].default
    assert compose["ports"] == [f"{port}:{port}"]
    assert container["ports"][0]["containerPort"] == service["spec"]["ports"][0]["targetPort"] == port
