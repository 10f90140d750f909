"""Puts one run's sampling overrides on any model config, whatever words its vendor has for them."""

from typing import Protocol, cast, runtime_checkable

from ag2.config import ModelConfig

from salon.contracts.runs import Sampling


@runtime_checkable
class Samples(Protocol):
    """A config that understands `Sampling` itself."""

    def with_sampling(self, sampling: Sampling) -> ModelConfig:
        """A copy with these overrides on top of its own."""
        ...


# Sampling's names in the words of AG2's own configs; a config takes the ones it has a field for.
_NAMES: dict[str, tuple[str, ...]] = {
    "max_tokens": ("max_output_tokens", "max_tokens"),
    "stop": ("stop_sequences", "stop"),
}


def with_sampling(config: ModelConfig, sampling: Sampling) -> ModelConfig:
    """A copy of any model config with these overrides; what a vendor has no word for is left out."""
    given = sampling.given()
    if not given:
        return config
    if isinstance(config, Samples):
        return config.with_sampling(sampling)
    overrides: dict[str, object] = {}
    for name, value in given.items():
        target = next((word for word in _NAMES.get(name, (name,)) if hasattr(config, word)), None)
        if target is not None:
            overrides[target] = list(value) if isinstance(value, tuple) else value
    return cast(_Copyable, config).copy(**overrides) if overrides else config


class _Copyable(Protocol):
    def copy(self, **overrides: object) -> ModelConfig: ...
