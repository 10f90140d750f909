"""For those who run the server: is it alive, may it be sent traffic, what does it do."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from salon.contracts.openai import ErrorBody
from salon.contracts.types import Opt
from salon.errors import SalonError
from salon.http.deps import Parts
from salon.http.errors import Responses
from salon.http.operations.metrics import Metrics
from salon.runtime import VERSION

MOCK_BANNER = (
    "Mock mode: a simulation answers for {agents}; no vendor is called. "
    "For real models set a key, such as OPENAI_API_KEY."
)

STORE_ANSWERS_WITHIN = 1.0
"""Seconds; whoever asks whether the server is ready waits no longer."""

NOT_READY: Responses = {503: {"model": ErrorBody}}

ops = APIRouter(tags=["Operations"])


class Health(BaseModel):
    """The process answers. `banner` is there when anything is simulated."""

    status: Literal["healthy"] = "healthy"
    mode: Literal["live", "mock"]
    banner: Opt[str] = None
    model: str
    version: str
    environment: str


class Ready(BaseModel):
    """The server takes new work."""

    status: Literal["ready"] = "ready"


@ops.head("/health", include_in_schema=False)
@ops.get("/health")
async def health(runtime: Parts) -> Health:
    """Whether the process answers, and whether its answers are real."""
    mocks = runtime.catalog.mocks()
    return Health(
        mode=runtime.mode,
        banner=MOCK_BANNER.format(agents=", ".join(mocks)) if mocks else None,
        model=runtime.settings.openai_model,
        version=VERSION,
        environment=runtime.settings.environment,
    )


@ops.get("/ready", responses=NOT_READY)
async def ready(runtime: Parts) -> Ready:
    """Whether the server may be sent traffic: what is said can be stored."""
    if not await runtime.house.keeps(STORE_ANSWERS_WITHIN):
        raise SalonError("unavailable", "the store does not answer: nothing that is said can be kept", retry_after=2)
    return Ready()


@ops.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Counters and gauges in Prometheus' text format."""
    counted: Metrics = request.app.state.metrics
    return Response(generate_latest(counted.registry), media_type=CONTENT_TYPE_LATEST)
