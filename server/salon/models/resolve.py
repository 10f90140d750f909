"""From a `provider/model` string to a config that an AG2 agent can use, or to the mock when there is no key for it.

It reads no environment and no files: keys and defaults come in `ModelSettings`, filled by the composition root.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ag2.config import ModelConfig, OpenAIConfig

from salon.contracts.runs import Sampling
from salon.models import litellm
from salon.models.config import connected, with_sampling
from salon.models.errors import InvalidModel, MissingExtra
from salon.models.fallback import FallbackConfig
from salon.models.mock import MockConfig
from salon.models.mock.scenario import Scenario
from salon.models.openai import OPENAI_URL, OpenAICompatibleConfig, SharedHttp, adopt
from salon.models.own.function import FunctionConfig
from salon.models.retry import GuardedConfig, RetryPolicy

_COMPATIBLE = {
    "openai": OPENAI_URL,
    "xai": "https://api.x.ai/v1",
    "groq": "https://api.groq.com/openai/v1",
    "openrouter": "https://openrouter.ai/api/v1",
    "ollama": "http://127.0.0.1:11434",
    "vllm": "",
}
_NATIVE = ("anthropic", "gemini")
_NEEDS_NO_KEY = {
    "ollama",
    "ollama_chat",
    "vllm",
    "hosted_vllm",
    "lm_studio",
    "llamafile",
    "bedrock",
    "sagemaker",
    "vertex_ai",
}
PROVIDERS = (*_COMPATIBLE, *_NATIVE, "litellm", "mock")
"""The provider names with a door of their own; every other name goes through LiteLLM."""

_PROVIDER_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
_PLACEHOLDER = re.compile(
    r"^(your|my|insert|enter|add|put|replace|paste|change|todo|example|dummy|fake|placeholder|xxx|none$|null$|test$|key$|mock)"
    r"|^<.*>$|^\$?\{.*\}$|\.\.\.|…|^[x*.\-_]*$|^sk-(ant-|proj-)?(x+|\*+|your.*|)$|(your|api)[-_]?(actual[-_])?(\w+[-_])?(api[-_]?)?key([-_]here)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What the composition root knows about models: keys, addresses, patience. Times are in seconds.

    Args:
        openai_model: the model used when an agent names none.
        other_keys: keys of further providers by provider name, for LiteLLM.
        mock_mode: True answers everything with the mock, False never does (a missing key is then an error),
            None decides by the keys.
        mock_pace: seconds between the mock's words.
        temperature: default for all models; None leaves it to the vendor.
        timeout: longest wait for the next piece of an answer, the first one included.
        total_timeout: longest time for a whole call, retries included.
    """

    openai_api_key: str | None = field(default=None, repr=False)
    openai_base_url: str | None = None
    openai_model: str = "gpt-4"
    anthropic_api_key: str | None = field(default=None, repr=False)
    xai_api_key: str | None = field(default=None, repr=False)
    gemini_api_key: str | None = field(default=None, repr=False)
    groq_api_key: str | None = field(default=None, repr=False)
    openrouter_api_key: str | None = field(default=None, repr=False)
    other_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    ollama_host: str = "http://127.0.0.1:11434"
    vllm_base_url: str | None = None
    mock_mode: bool | None = None
    mock_pace: float = 0.0
    temperature: float | None = None
    timeout: float = 60.0
    total_timeout: float = 600.0
    max_retries: int = 2

    def key(self, provider: str) -> str | None:
        """The provider's key, unless it is missing or a placeholder."""
        own: object = getattr(self, f"{provider}_api_key", None) or self.other_keys.get(provider)
        return own if isinstance(own, str) and not is_placeholder(own) else None

    def policy(self) -> RetryPolicy:
        """Retries and timeouts for every vendor."""
        return RetryPolicy(
            retries=self.max_retries,
            first_token=self.timeout,
            idle=self.timeout,
            total=self.total_timeout,
        )


@dataclass(frozen=True, slots=True)
class Resolved:
    """A usable model.

    Args:
        config: what the AG2 agent is built with.
        model: the label shown to people; never contains a key.
        provider: the provider's name.
        source: whether a vendor or the mock answers; goes on the wire, since a simulation has to say so.
    """

    config: ModelConfig
    model: str
    provider: str
    source: Literal["model", "mock"]


def is_placeholder(key: str | None) -> bool:
    """Whether this is no key at all but what sample files put in its place (`your_…`, `sk-...`, `changeme`, empty)."""
    return not key or not key.strip() or bool(_PLACEHOLDER.search(key.strip()))


def split(model: str, provider: str | None = None) -> tuple[str, str]:
    """Provider and model of a `provider/model` string, split at the first slash; a bare name is OpenAI's.

    Raises InvalidModel when either is empty or malformed.
    """
    text = model.strip()
    if provider is None:
        provider, slash, name = text.partition("/")
        if not slash:
            provider, name = ("mock", "mock") if text.lower() == "mock" else ("openai", text)
    else:
        name = text.removeprefix(f"{provider}/")
    provider = provider.strip().lower()
    if not name or not _PROVIDER_NAME.fullmatch(provider) or re.search(r"\s", name):
        raise InvalidModel(
            f'"{model[:80]}" is not a model. Write "provider/model", for example "openai/gpt-4o", or "mock". '
            f"Providers with a door of their own: {', '.join(PROVIDERS)}."
        )
    return provider, name


class Models:
    """Resolves model strings with one set of settings and one shared HTTP client.

    Args:
        settings: keys and defaults.
        http: the client for all vendors that are asked over one; its owner closes it.
    """

    def __init__(self, settings: ModelSettings, http: SharedHttp) -> None:
        self._settings = settings
        self._http = http

    def resolve(
        self,
        model: str | Sequence[str] | ModelConfig | None = None,
        *,
        provider: str | None = None,
        api_key: str | None = None,
        base_url: str | None = None,
        scenario: Scenario | None = None,
    ) -> Resolved:
        """The config for a model string, a chain of them (the next answers when one fails), or an AG2 config.

        Args:
            model: None means the settings' default.
            provider: names the provider apart from the model.
            api_key: overrides the settings' key.
            base_url: the address of an OpenAI-compatible server; then no key is needed.
            scenario: scripted turns; makes the mock answer.

        Raises InvalidModel for what cannot be understood and MissingExtra for a vendor that is not installed.
        """
        if isinstance(model, FunctionConfig):  # nothing of a vendor's: not to be mocked, nor to be tried again
            return Resolved(model, model.model, "custom", "model")
        if scenario is not None or self._settings.mock_mode:
            return self._mock(scenario)
        if model is None:
            model = self._settings.openai_model
        if isinstance(model, str):
            return self._one(model, provider, api_key, base_url)
        if isinstance(model, Sequence):
            return self._chain([self._one(name, provider, api_key, base_url) for name in model])
        if isinstance(model, MockConfig):
            return Resolved(model, "mock", "mock", "mock")
        name, label = _names(model)
        if isinstance(model, GuardedConfig | FallbackConfig):
            return Resolved(model, label, name, "model")
        if isinstance(model, OpenAIConfig):
            model = adopt(model, self._http, self._settings.key("openai")) or model
        return Resolved(self._guarded(model, name), label, name, "model")

    def _chain(self, members: list[Resolved]) -> Resolved:
        if not members:
            raise InvalidModel("A fallback chain needs at least one model.")
        live = [member for member in members if member.source == "model"] or members[:1]
        named = members[-1].provider == "mock" and members[-1] not in live  # the mock as last resort
        chain = [*live, members[-1]] if named else live
        if len(chain) == 1:
            return chain[0]
        config = FallbackConfig(tuple(member.config for member in chain))
        return Resolved(config, chain[0].model, chain[0].provider, chain[0].source)

    def _one(self, model: str, provider: str | None, api_key: str | None, base_url: str | None) -> Resolved:
        settings = self._settings
        provider, name = split(model, provider)
        if provider == "mock":
            return self._mock(None)
        vendor = provider
        if provider == "litellm":
            vendor = name.partition("/")[0] if "/" in name else "openai"
        address = base_url or (settings.openai_base_url if provider == "openai" else None)
        if provider == "vllm":
            address = address or settings.vllm_base_url
            if not address:
                raise InvalidModel('"vllm" needs the address of its server: give the agent base_url="http://…/v1".')
        key = (None if is_placeholder(api_key) else api_key) if api_key is not None else settings.key(vendor)
        if key is None and vendor not in _NEEDS_NO_KEY and (address or OPENAI_URL).rstrip("/") == OPENAI_URL:
            if settings.mock_mode is False:
                known = hasattr(settings, f"{vendor}_api_key")
                remedy = f"Set {vendor.upper()}_API_KEY" if known else 'Give the agent api_key="…"'
                raise InvalidModel(f'No API key for "{vendor}". {remedy}, or allow mock mode.')
            return self._mock(None)
        config = self._config(provider, name, key, address)
        if settings.temperature is not None:
            config = with_sampling(config, Sampling(temperature=settings.temperature))
        return Resolved(self._guarded(config, vendor), f"{provider}/{name}", provider, "model")

    def _config(self, provider: str, name: str, key: str | None, address: str | None) -> ModelConfig:
        if provider == "ollama":
            address = address or f"{self._settings.ollama_host.rstrip('/').removesuffix('/v1')}/v1"
        if provider in _COMPATIBLE or (address and provider not in (*_NATIVE, "litellm")):
            return OpenAICompatibleConfig(
                model=name, http=self._http, base_url=address or _COMPATIBLE[provider], api_key=key, vendor=provider
            )
        if provider in _NATIVE:
            return _native(provider, name, key, address)
        if not litellm.installed():
            raise MissingExtra(provider, "litellm")
        full = name if provider == "litellm" else f"{provider}/{name}"
        return litellm.LiteLLMConfig(model=full, api_key=key, base_url=address, vendor=provider)

    def _guarded(self, config: ModelConfig, vendor: str) -> GuardedConfig:
        return GuardedConfig(connected(config, self._http.client), vendor, self._settings.policy())

    def _mock(self, scenario: Scenario | None) -> Resolved:
        return Resolved(MockConfig(pace=self._settings.mock_pace, scenario=scenario), "mock", "mock", "mock")


def _names(config: ModelConfig) -> tuple[str, str]:
    """Provider and label of a config that somebody brought along; test doubles have neither."""
    try:
        provider = str(getattr(config.provider, "value", config.provider))
        return provider, f"{provider}/{config.model}"
    except NotImplementedError:
        return "custom", "custom"


def _native(provider: str, name: str, key: str | None, address: str | None) -> ModelConfig:
    """AG2's own config of a vendor whose SDK is an extra."""
    try:
        if provider == "anthropic":
            from ag2.config.anthropic import AnthropicConfig  # noqa: PLC0415  # an extra

            return AnthropicConfig(model=name, api_key=key, base_url=address, streaming=True, max_retries=0)
        from ag2.config.gemini import GeminiConfig  # noqa: PLC0415  # an extra

        return GeminiConfig(model=name, api_key=key, streaming=True)
    except ImportError:
        raise MissingExtra(provider, provider) from None
