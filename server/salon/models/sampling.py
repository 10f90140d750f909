"""Puts one run's sampling overrides on any model config, whatever words its vendor has for them."""

from typing import Protocol, cast

from ag2.config import ModelConfig

from salon.contracts.runs import Sampling
from salon.models.config import SalonModelConfig

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
