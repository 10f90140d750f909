"""Puts the HTTP surface onto an application, in the order that matters."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from salon.http import jobs, threads
from salon.http.agents import info as agents
from salon.http.agents.stored import stored
from salon.http.custom.hooks import RequestHooks, Requests
from salon.http.dialects.ag_ui.routes import ag_ui
from salon.http.dialects.ai_sdk.routes import ai_sdk
from salon.http.dialects.responses.routes import responses
from salon.http.errors import answer_errors
from salon.http.mirror import routes as mirror
from salon.http.operations import health
from salon.http.operations.metrics import Metrics
from salon.http.operations.traffic import REQUEST_ID, Faults, Traffic
from salon.runtime import VERSION, Runtime

RETRY_HEADERS = ["retry-after", "x-should-retry"]


def add_routes(app: FastAPI) -> None:
    """Add every route, error handler and middleware to `app`, whose `state.runtime` is set.

    The routes that begin with a name come last; they match only names that are served, so routes may be added after.
    """
    runtime: Runtime = app.state.runtime
    app.state.started = int(runtime.clock.time())
    app.state.metrics = metrics = Metrics(version=VERSION, mode=runtime.mode, agents=runtime.catalog.agents)
    metrics.gauge("salon_rooms", "Open rooms.", lambda: len(runtime.lobby.rooms()))
    metrics.gauge("salon_connections", "Open sockets.", lambda: runtime.hub.connections)
    metrics.gauge("salon_watched_rooms", "Rooms that someone watches.", lambda: runtime.hub.watched)
    runtime.published.observe(metrics.take)
    answer_errors(app)
    app.state.hooks = RequestHooks()
    # Each one added goes around those before: what leaves Faults passes CORS, and Traffic sees everything.
    app.add_middleware(Requests, hooks=app.state.hooks)
    app.add_middleware(Faults)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=runtime.settings.cors_origins,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=[REQUEST_ID, *RETRY_HEADERS],
    )
    app.add_middleware(Traffic, max_body_bytes=runtime.settings.max_body_bytes, count=metrics.answered)
    for router in (
        health.ops,
        threads.threads,
        jobs.jobs,
        stored,
        ag_ui,
        ai_sdk,
        responses,
        mirror.every_model,
        agents.everyone,
        mirror.every_agent,
    ):
        app.include_router(router)
    for by_name in (mirror.every_name, agents.by_name):
        app.include_router(by_name)
