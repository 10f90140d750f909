"""What all of Salon's own model configs share, and how one run's sampling is put on any config."""

from abc import abstractmethod
from typing import NoReturn, Protocol, Self, cast

from ag2.config import ModelConfig, ModelProvider

from salon.contracts.runs import Sampling


class SalonModelConfig(ModelConfig):
    """A model config that an AG2 agent can use and Salon can adjust per run. Immutable; offers no files API."""

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


# Sampling's names in the words of AG2's own configs; a config takes the first that it has a field for.
_WORDS: dict[str, tuple[str, ...]] = {
    "max_tokens": ("max_output_tokens", "max_tokens"),
    "stop": ("stop_sequences", "stop"),
}


def with_sampling(config: ModelConfig, sampling: Sampling) -> ModelConfig:
    """A copy of any model config with these overrides; what a vendor has no word for is left out."""
    given = sampling.given()
    if not given:
        return config
    if isinstance(config, SalonModelConfig):
        return config.with_sampling(sampling)
    overrides: dict[str, object] = {}
    for name, value in given.items():
        word = next((word for word in _WORDS.get(name, (name,)) if hasattr(config, word)), None)
        if word is not None:
            overrides[word] = list(value) if isinstance(value, tuple) else value
    return cast(_Copyable, config).copy(**overrides) if overrides else config


class _Copyable(Protocol):
    def copy(self, **overrides: object) -> ModelConfig: ...
