"""How much of a conversation an agent is given, as a skill."""

from collections.abc import Mapping

from salon.agents.skill import Skill
from salon.memory.strategies import LastN, MemoryStrategy

DEFAULT = 50


class ShortTermMemorySkill(Skill):
    """Keeps the newest messages of a conversation in the agent's mind: `ShortTermMemorySkill({"max_messages": 50})`.

    Of one more the oldest is let go that is no instruction. What is let go stays in the room; the model is no longer
    given it. An agent's own `memory_strategy` counts for more.

    Settings:
        max_messages: how many; 50 by default.

    Raises ValueError for anything but a whole number from 1 on.
    """

    name = "short_term_memory"

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        super().__init__(config)
        most = self.config.get("max_messages", DEFAULT)
        if isinstance(most, bool) or not isinstance(most, int) or most < 1:
            raise ValueError(f"max_messages: expected a whole number from 1 on, got {most!r}.")
        self.memory_strategy: MemoryStrategy = LastN(most)
