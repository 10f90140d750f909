"""What a program gets when it asks an agent: a chat completion that is also its own text."""

from pydantic import Field

from salon.contracts.openai import ChatCompletion
from salon.contracts.types import Json, Obj


class RunResult(ChatCompletion):
    """The answer in OpenAI's shape: `result.choices[0].message.content` or `result["choices"]`; `str(result)` is the
    text. `session_id` names the conversation that it belongs to, if that is kept.
    """

    session_id: str | None = Field(default=None, exclude=True)

    @property
    def final_output(self) -> str:
        """What the agent said last."""
        return self.choices[0].message.content or ""

    def __str__(self) -> str:
        return self.final_output

    def __getitem__(self, key: str) -> Json:
        as_sent: Obj = self.model_dump(mode="json")
        return as_sent[key]
