"""A peer: LiteLLM's own proxy; or, where its extras are missing, the least server around `litellm.acompletion`.

Knows nothing of Salon: it may run in another Python, in which LiteLLM is complete.
"""

import asyncio
import json
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else it asks the network for prices
os.environ["LITELLM_MASTER_KEY"] = "sk-bench"

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse

from bench.subjects.commands import obey, say


def proxy(vendor: str) -> Any:
    """The proxy's app. Raises ImportError where its extras are missing."""
    from litellm.proxy.proxy_server import app  # noqa: PLC0415  # may be missing

    models = [
        {"model_name": "vendor", "litellm_params": {"model": "openai/fake", "api_base": vendor, "api_key": "fk"}},
        {"model_name": "instant", "litellm_params": {"model": "openai/fake", "mock_response": " token" * 4}},
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False) as config:
        json.dump({"model_list": models, "general_settings": {"master_key": "sk-bench"}}, config)  # JSON is YAML
    os.environ["CONFIG_FILE_PATH"] = os.environ["WORKER_CONFIG"] = config.name
    return app


def least(vendor: str) -> FastAPI:
    """FastAPI around `acompletion`, without keys, logs, budgets or routing."""
    import litellm  # noqa: PLC0415  # seconds, and not needed beside the proxy

    app = FastAPI()
    models: dict[str, dict[str, str]] = {
        "vendor": {"model": "openai/fake", "api_base": vendor, "api_key": "fk"},
        "instant": {"model": "openai/fake", "mock_response": " token" * 4},
    }

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        body = await request.json()
        answer = await litellm.acompletion(
            messages=body["messages"], stream=body.get("stream", False), **models[body["model"]]
        )
        if not body.get("stream"):
            return Response(answer.model_dump_json(), media_type="application/json")

        async def events() -> AsyncIterator[str]:
            async for chunk in answer:
                yield f"data: {chunk.model_dump_json()}\n\n"
            yield "data: [DONE]\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    return app


class Server(uvicorn.Server):
    """Says where it listens, and stops with stdin."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        self._heard = asyncio.create_task(self._obey())
        say(port=(sockets or [])[0].getsockname()[1])

    async def _obey(self) -> None:
        await obey({})
        self.should_exit = True


def main(kind: str, vendor: str) -> None:
    """Serve until stdin ends; `kind` is `proxy` or `least`."""
    app = proxy(vendor) if kind == "proxy" else least(vendor)
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listening])
    Path(os.environ.get("CONFIG_FILE_PATH", "/nowhere")).unlink(missing_ok=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
