"""What an operator sees of sessions, while there are many and when they are over."""

import asyncio
from uuid import uuid4

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from salon import Agent, Settings, chat_storage_router, create_agent_router, create_app, get_session
from tests.serving import serving

SESSIONS = 40


class Operator:
    """Reads /metrics as Prometheus does."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._samples: dict[tuple[str, tuple[str, ...]], float] = {}

    async def look(self) -> None:
        """Read them now."""
        answered = await self._http.get("/metrics")
        self._samples = {
            (sample.name, tuple(sorted(sample.labels.values()))): sample.value
            for family in text_string_to_metric_families(answered.text)
            for sample in family.samples
        }

    def value(self, name: str, *labels: str) -> float:
        """The value of a metric with these labels' values."""
        return self._samples.get((name, tuple(sorted(labels))), 0.0)


@pytest.mark.requirement("S3-29")
async def test_metrics_tell_the_use_of_sessions_also_under_load(
    settings: Settings, sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_database_url)
    changes = {"database_url": sqlite_database_url, "background_jobs": False, "mock_pace": 0.01}
    app = create_app(settings.model_copy(update=changes))
    app.include_router(create_agent_router(Agent("dnd", "You help."), "/dnd", "DND Assistant", get_session))
    app.include_router(chat_storage_router)
    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=20) as http:
        operator = Operator(http)
        asked = [
            asyncio.create_task(http.post("/dnd/run", json={"input": "Describe a dungeon", "session_id": str(uuid4())}))
            for _ in range(SESSIONS)
        ]
        async with asyncio.timeout(20):
            while operator.value("salon_runs_active") < SESSIONS / 2:
                await operator.look()
        assert {(await task).status_code for task in asked} == {200}
        await http.get(f"/chats/{uuid4()}")
        await operator.look()
    assert operator.value("salon_runs_active") == 0
    assert operator.value("salon_runs_total", "success") == SESSIONS
    assert operator.value("salon_run_seconds_count") == SESSIONS
    assert operator.value("salon_rooms") == SESSIONS
    assert operator.value("salon_messages_total", "user") == operator.value("salon_messages_total", "agent") == SESSIONS
    assert operator.value("salon_turns_total", "dnd", "mock", "success") == SESSIONS
    assert operator.value("salon_http_requests_total", "POST", "/dnd/run", "200") == SESSIONS
    assert operator.value("salon_http_requests_total", "GET", "/chats/{chat_id}", "404") == 1
