"""What all of Salon's own model configs share: they are immutable, take sampling overrides, and offer no files API."""

from abc import abstractmethod
from typing import NoReturn, Self

from ag2.config import ModelConfig, ModelProvider

from salon.contracts.runs import Sampling


class SalonModelConfig(ModelConfig):
    """A model config that an AG2 agent can use and Salon can adjust per run."""

    __slots__ = ()

    @property
    def provider(self) -> ModelProvider:
        """The dialect spoken, in AG2's terms; responses name the real vendor."""
        return ModelProvider.OPENAI

    def copy(self) -> Self:
        """The same config; it is immutable."""
        return self

    @abstractmethod
    def with_sampling(self, sampling: Sampling) -> Self:
        """A copy with these overrides on top of its own."""

    def create_files_client(self) -> NoReturn:
        """Salon keeps files itself."""
        raise NotImplementedError(f"{type(self).__name__} has no files API.")
