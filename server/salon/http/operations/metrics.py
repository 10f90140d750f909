"""What a Prometheus server may count. Everything about rooms is read off their logs as they are published."""

from collections.abc import Callable, Container, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

from salon.contracts.events import (
    Entry,
    Handoff,
    MsgDelta,
    MsgDone,
    RunFinished,
    RunStarted,
    ToolDone,
    TurnFinished,
    TurnStarted,
    UsageNoted,
)
from salon.contracts.feed import Published

RUN_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)

DYNAMIC = "(dynamic)"
"""The label of agents that are not the server's own; no agent can be named so."""


class Metrics:
    """One server's metrics. Labels are names of agents, teams and models, never anything a caller can make up.

    Args:
        agents: the server's own; all others, which may be a customer's and are without number, count as DYNAMIC.
    """

    def __init__(self, *, version: str, mode: str, agents: Container[str]) -> None:
        self._agents = agents
        self._known: set[str] = set()
        self.registry = registry = CollectorRegistry()
        Info("salon", "The server.", registry=registry).info({"version": version, "mode": mode})
        self._entries = Counter("salon_entries", "Log entries, by kind.", ["event"], registry=registry)
        self._runs = Counter("salon_runs", "Finished runs.", ["outcome"], registry=registry)
        self._active = Gauge("salon_runs_active", "Runs that are on.", registry=registry)
        self._run_seconds = Histogram(
            "salon_run_seconds", "From a run's start to its end.", buckets=RUN_SECONDS, registry=registry
        )
        self._first_token = Histogram(
            "salon_first_token_seconds", "From a run's start to its first text.", buckets=RUN_SECONDS, registry=registry
        )
        self._turns = Counter(
            "salon_turns", "Finished turns of agents.", ["agent", "source", "outcome"], registry=registry
        )
        self._handoffs = Counter("salon_handoffs", "Hand-offs between agents.", ["source", "target"], registry=registry)
        self._messages = Counter(
            "salon_messages", "Messages, by the role of their author.", ["role"], registry=registry
        )
        self._tools = Counter("salon_tool_calls", "Finished tool calls.", ["ok"], registry=registry)
        self._calls = Counter(
            "salon_model_calls", "Model calls that reported their usage.", ["model"], registry=registry
        )
        self._tokens = Counter("salon_tokens", "Tokens of model calls.", ["model", "direction"], registry=registry)
        self._requests = Counter(
            "salon_http_requests", "HTTP answers, by route.", ["method", "route", "status"], registry=registry
        )
        self._kinds: dict[str, Counter] = {}
        self._started: dict[str, float] = {}
        self._unheard: dict[str, float] = {}
        self._speakers: dict[str, TurnStarted] = {}

    def gauge(self, name: str, description: str, read: Callable[[], float]) -> None:
        """Add a value that is read whenever it is asked for."""
        Gauge(name, description, registry=self.registry).set_function(read)

    def know(self, agents: Iterable[str]) -> None:
        """Count these agents by name, too: a program's own, which the server has not been given."""
        self._known.update(agents)

    def answered(self, method: str, route: str, status: int) -> None:
        """Count an HTTP answer."""
        self._requests.labels(method, route, str(status)).inc()

    def take(self, item: Published) -> None:
        """Count a log entry."""
        entry = item.entry
        kind = entry.body.event
        counter = self._kinds.get(kind)
        if counter is None:
            counter = self._kinds[kind] = self._entries.labels(kind)
        counter.inc()
        match entry.body:
            case MsgDelta():
                started = self._unheard.pop(item.room, None) if self._unheard else None
                if started is not None:
                    self._first_token.observe(max(0.0, entry.at - started))
            case RunStarted() | RunFinished():
                self._run(item.room, entry, entry.body)
            case TurnStarted() as turn:
                self._speakers[turn.turn] = turn
            case TurnFinished() as turn:
                speaker = self._speakers.pop(turn.turn, None)
                if speaker is not None:
                    ours = speaker.agent in self._agents or speaker.agent in self._known
                    self._turns.labels(speaker.agent if ours else DYNAMIC, speaker.source, turn.outcome).inc()
            case Handoff() as passed:
                self._handoffs.labels(passed.source, passed.target).inc()
            case MsgDone() as said:
                self._messages.labels(said.author.role).inc()
            case ToolDone() as call:
                self._tools.labels("true" if call.ok else "false").inc()
            case UsageNoted() as usage:
                self._calls.labels(usage.model).inc()
                self._tokens.labels(usage.model, "input").inc(usage.input_tokens)
                self._tokens.labels(usage.model, "output").inc(usage.output_tokens)
            case _:
                pass

    def _run(self, room: str, entry: Entry, body: RunStarted | RunFinished) -> None:
        if isinstance(body, RunStarted):
            self._started[body.run] = entry.at
            self._unheard[room] = entry.at  # a room has one run at a time
            self._active.inc()
            return
        self._runs.labels(body.outcome).inc()
        self._unheard.pop(room, None)
        started = self._started.pop(body.run, None)
        if started is not None:  # a fork ends runs that began in the room it was made of
            self._active.dec()
            self._run_seconds.observe(max(0.0, entry.at - started))
