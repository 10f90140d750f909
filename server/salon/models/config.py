"""What all of Salon's own model configs share, and how any config gets a run's sampling and shared connections."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NoReturn, Protocol, Self, cast

import httpx2
from ag2.config import LLMClient, ModelConfig, ModelProvider

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


@dataclass(frozen=True, slots=True)
class AroundConfig(SalonModelConfig):
    """A config around another one, whose provider and model it has.

    Args:
        inner: the other one; not shown, since it may show its key.
    """

    inner: ModelConfig = field(repr=False)

    @property
    def provider(self) -> ModelProvider:
        """The inner config's provider."""
        return self.inner.provider

    @property
    def model(self) -> str:
        """The inner config's model."""
        return self.inner.model

    def with_sampling(self, sampling: Sampling) -> Self:
        """A copy whose inner config has these overrides."""
        return replace(self, inner=with_sampling(self.inner, sampling))


@dataclass(frozen=True, slots=True)
class ConnectedConfig(AroundConfig):
    """A config of AG2's whose clients use an HTTP client that is lent to them. A vendor's SDK left to itself opens one
    for each of its clients, which is one a turn, and leaves its connections open.

    Args:
        lend: gives the HTTP client; its owner closes it.
    """

    lend: Callable[[], httpx2.AsyncClient] = field(repr=False)

    def create(self) -> LLMClient:
        """A client of the vendor's SDK."""
        return cast(_Copyable, self.inner).copy(http_client=self.lend()).create()


def connected(config: ModelConfig, lend: Callable[[], httpx2.AsyncClient]) -> ModelConfig:
    """The config with an HTTP client that is lent to it, if it takes one and brings none of its own."""
    return ConnectedConfig(config, lend) if getattr(config, "http_client", config) is None else config
