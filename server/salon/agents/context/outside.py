"""The port of an agent that nobody is talking to: everything that would need a request says so."""

from typing import NoReturn


class Outside:
    """A TurnPort without a turn. Raises RuntimeError, whatever is asked of it."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError(
            f"{name}: there is no request here. It is known in tools and hooks while an agent answers, as by "
            "agent.run(…); skills are there at any time: context.get_skill(…)."
        )
