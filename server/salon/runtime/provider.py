"""A model by the name of its provider: to ask it directly, or to give it to what needs one."""

from dataclasses import dataclass, field
from difflib import get_close_matches

from salon.agents.arguments import DEFAULT_MODELS
from salon.models.plain.asking import answer
from salon.models.resolve import PROVIDERS, Resolved
from salon.runtime.embedded import embedded
from salon.settings import Settings


@dataclass(frozen=True, slots=True)
class Provider:
    """A model, called like a function: `await provider("Is this polite? …")`. The mock answers where there is no key.

    Args:
        name: the provider's.
        model: the model's name there.
        api_key: a key for it alone; the server's by default.
        base_url: address of an OpenAI-compatible server.
    """

    name: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None

    def resolved(self) -> Resolved:
        """The model itself, with keys as the settings say. Raises InvalidModel or MissingExtra."""
        models = embedded(Settings.load()).models
        return models.resolve(self.model, provider=self.name, api_key=self.api_key, base_url=self.base_url)

    async def __call__(self, prompt: str, /) -> str:
        """The answer to a prompt; empty when the model says nothing. Raises ModelError."""
        return await answer(self.resolved(), prompt)


def get_provider(
    name: str, api_key: str | None = None, model: str | None = None, base_url: str | None = None
) -> Provider:
    """A provider's model: `get_provider("anthropic", api_key="…", model="claude-sonnet-5")`.

    Raises ValueError for a name that is no provider's, listing those that are, and for a provider without a default
    model when none is named.
    """
    if name not in PROVIDERS:
        close = get_close_matches(name, PROVIDERS, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"provider: there is none named {name!r}.{hint} There are: {', '.join(PROVIDERS)}.")
    chosen = model or ("mock" if name == "mock" else DEFAULT_MODELS.get(name))
    if chosen is None:
        raise ValueError(f'model: {name!r} has no default model here. Name one: get_provider({name!r}, model="…").')
    return Provider(name, chosen, api_key, base_url)
