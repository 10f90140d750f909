"""Who an agent is, in parts that people can read and change, and the prompt they compile to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import cast


@dataclass(frozen=True, slots=True)
class AgentDefinition:
    """An agent's character in parts; `prompt` is what the model is told.

    Args:
        role: who the agent is, in the second person.
        goal: what it is there to achieve.
        constraints: rules it must keep, a sentence each.
        personality: traits by name, such as `{"tone": "friendly"}`.
        examples: exchanges to imitate, each `{"user": …, "assistant": …}`.
        context: what it should know about its surroundings.
        tool_instructions: when and how to use its tools.

    Raises ValueError for an empty role, and for examples without both sides.
    """

    role: str
    goal: str | None = None
    constraints: Sequence[str] = field(default_factory=list)
    personality: Mapping[str, str] = field(default_factory=dict)
    examples: Sequence[Mapping[str, str]] = field(default_factory=list)
    context: str | None = None
    tool_instructions: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(cast(object, self.role), str) or not self.role.strip():
            raise ValueError("role: an agent needs a role. Say who it is, such as 'You help travellers.'")
        if isinstance(self.constraints, str):
            raise ValueError("constraints: expected a list of sentences, got one string. Put it into a list.")
        for number, example in enumerate(self.examples):
            if set(example) != {"user", "assistant"}:
                raise ValueError(f"examples[{number}]: expected exactly the keys 'user' and 'assistant'.")
        # Own copies: two definitions made from one list must not change together.
        object.__setattr__(self, "constraints", list(self.constraints))
        object.__setattr__(self, "personality", dict(self.personality))
        object.__setattr__(self, "examples", [dict(example) for example in self.examples])

    @property
    def prompt(self) -> str:
        """The system prompt; the same definition always gives the same text."""
        sections = {
            "Role": self.role,
            "Goal": self.goal or "",
            "Context": self.context or "",
            "Personality": "\n".join(f"- {trait}: {value}" for trait, value in self.personality.items()),
            "Constraints": "\n".join(f"- {rule}" for rule in self.constraints),
            "Tool Usage": self.tool_instructions or "",
            "Examples": "\n\n".join(f"User: {e['user']}\nAssistant: {e['assistant']}" for e in self.examples),
        }
        given = {title: text.strip() for title, text in sections.items() if text.strip()}
        if len(given) == 1:
            return given["Role"]
        return "\n\n".join(f"## {title}\n{text}" for title, text in given.items())

    def to_dict(self) -> dict[str, object]:
        """The parts that are set, as plain JSON-able values; `from_dict` is its inverse."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> "AgentDefinition":
        """A definition from what `to_dict` gave, or a file said.

        Raises ValueError for a key that no definition has.
        """
        known = {part.name for part in fields(cls)}
        if unknown := sorted(set(data) - known):
            raise ValueError(f"{unknown[0]}: no part of a definition. There are: {', '.join(sorted(known))}.")
        if "role" not in data:
            raise ValueError("role: an agent needs a role. Say who it is, such as 'You help travellers.'")
        return cls(**data)  # type: ignore[arg-type]  # __post_init__ checks what a file may get wrong
