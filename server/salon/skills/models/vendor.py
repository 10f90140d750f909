"""A model skill that can also be asked directly, beside whatever model its agent answers with."""

from collections.abc import Mapping, Sequence

from salon.agents.around.surroundings import around
from salon.agents.context.current import CONTEXT
from salon.agents.skill import ModelSkill
from salon.errors import SalonError
from salon.models.config import with_sampling
from salon.models.errors import ErrorKind, ModelError
from salon.models.plain.completing import complete


class VendorSkill(ModelSkill):
    """A provider's models: `model` is the one that answers when none is named."""

    @property
    def model(self) -> str:
        """The model's name at its provider."""
        return self.spec().model.removeprefix(f"{self.provider}/")

    async def ask(self, model: str | None, messages: Sequence[Mapping[str, object]]) -> str:
        """What a model of this provider answers to messages in OpenAI's shape. The mock answers where there is no key.

        In a tool or hook, its tokens are on the bill of the run.

        Raises SalonError: `model_error` or `timeout`, and RequestError for messages that cannot be used.
        """
        spec = self.spec()
        name = f"{self.provider}/{(model or self.model).removeprefix(f'{self.provider}/')}"
        config = around(self._owner).model(spec._replace(model=name)).config
        try:
            answer = await complete(with_sampling(config, spec.sampling), messages)
        except ModelError as problem:
            code = "timeout" if problem.kind is ErrorKind.TIMEOUT else "model_error"
            raise SalonError(code, problem.message) from None
        if (context := CONTEXT.get()) is not None:
            context.count(answer.tokens, (), answer.output)
        return answer.text
