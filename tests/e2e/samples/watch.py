"""What an agent did while it answered: its tool calls, and what was put on its bill."""

from __future__ import annotations

from salon import Agent, Context, hook


class Watch:
    """Notes what an agent does from now on."""

    def __init__(self, agent: Agent) -> None:
        self.calls: list[str] = []
        self.charged: list[str] = []
        self.noted: dict[str, object] = {}

        @hook("on_toolcall", priority=99)
        def called(context: Context) -> None:
            self.calls.append(str(context.data["name"]))

        @hook("finalize_connection", priority=99)
        def ended(context: Context) -> None:
            items = context.get_usage()["items"]
            self.charged += [item["reason"] for item in items if not item["reason"].startswith("tokens of ")]
            self.noted.update(context.values)

        agent.register(called, ended)
