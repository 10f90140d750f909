"""Model strings, keys and what they lead to."""

import sys

import httpx2
import pytest
from ag2.config import OpenAIConfig
from ag2.config.anthropic import AnthropicConfig
from ag2.config.gemini import GeminiConfig
from ag2.testing import TestConfig

from salon.contracts.runs import Sampling
from salon.models.config import ConnectedConfig, with_sampling
from salon.models.errors import ErrorKind, InvalidModel, MissingExtra
from salon.models.fallback import FallbackConfig
from salon.models.litellm import LiteLLMConfig
from salon.models.mock import MockConfig
from salon.models.mock.scenario import Scenario
from salon.models.openai import OPENAI_URL, OpenAICompatibleConfig, SharedHttp
from salon.models.resolve import Models, ModelSettings, Resolved, is_placeholder, split
from salon.models.retry import GuardedConfig
from tests.fakes.turn import Turn
from tests.fakes.vendor import FakeVendor

KEY = "sk-live-4f8d2c"
KEYS = ModelSettings(
    openai_api_key=KEY,
    anthropic_api_key=KEY,
    xai_api_key=KEY,
    gemini_api_key=KEY,
    groq_api_key=KEY,
    openrouter_api_key=KEY,
    other_keys={"mistral": KEY},
)


def models(settings: ModelSettings = KEYS) -> Models:
    """A resolver."""
    return Models(settings, SharedHttp())


def inner(resolved: Resolved) -> object:
    """The vendor's config behind the guard."""
    return inner_of(resolved.config)


@pytest.mark.parametrize(
    ("text", "provider", "name"),
    [
        ("openai/gpt-4o", "openai", "gpt-4o"),
        ("anthropic/claude-3-sonnet", "anthropic", "claude-3-sonnet"),
        ("litellm/openai/gpt-4o", "litellm", "openai/gpt-4o"),
        ("litellm/gpt-4o-mini", "litellm", "gpt-4o-mini"),
        ("xai/grok-beta", "xai", "grok-beta"),
        ("gpt-4o", "openai", "gpt-4o"),
        ("mock", "mock", "mock"),
        ("ollama/llama3.1:8b", "ollama", "llama3.1:8b"),
    ],
)
def test_a_model_string_splits_at_its_first_slash(text: str, provider: str, name: str) -> None:
    assert split(text) == (provider, name)


def test_a_provider_given_apart_is_not_split_off() -> None:
    assert split("claude-sonnet-4-20250514", "anthropic") == ("anthropic", "claude-sonnet-4-20250514")
    assert split("meta-llama/llama-3", "openrouter") == ("openrouter", "meta-llama/llama-3")


@pytest.mark.parametrize("text", ["", " ", "openai/", "/gpt-4o", "open ai/gpt", "openai/gpt 4", "!!/x"])
def test_a_malformed_model_string_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(InvalidModel, match="provider/model") as caught:
        models().resolve(text)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("openai/gpt-4o", OPENAI_URL),
        ("xai/grok-beta", "https://api.x.ai/v1"),
        ("groq/llama-3.1-8b", "https://api.groq.com/openai/v1"),
        ("openrouter/meta/llama", "https://openrouter.ai/api/v1"),
    ],
)
def test_compatible_vendors_go_through_the_openai_door(text: str, url: str) -> None:
    resolved = models().resolve(text)
    config = inner(resolved)
    assert isinstance(config, OpenAICompatibleConfig)
    assert (config.base_url, config.api_key, config.model) == (url, KEY, text.partition("/")[2])
    assert (resolved.model, resolved.provider, resolved.source) == (text, text.partition("/")[0], "model")
    assert KEY not in repr(resolved)


def test_ollama_and_servers_of_ones_own_need_no_key() -> None:
    none = models(ModelSettings(ollama_host="http://127.0.0.1:11434/", vllm_base_url="http://127.0.0.1:9/v1"))
    ollama, vllm = inner(none.resolve("ollama/llama3.1")), inner(none.resolve("vllm/qwen"))
    own = inner(none.resolve("local-model", base_url="http://127.0.0.1:8091/v1"))
    assert isinstance(ollama, OpenAICompatibleConfig)
    assert isinstance(vllm, OpenAICompatibleConfig)
    assert isinstance(own, OpenAICompatibleConfig)
    assert (ollama.base_url, ollama.api_key) == ("http://127.0.0.1:11434/v1", None)
    assert vllm.base_url == "http://127.0.0.1:9/v1"
    assert (own.base_url, own.api_key) == ("http://127.0.0.1:8091/v1", None)


def test_vllm_without_an_address_says_what_is_missing() -> None:
    with pytest.raises(InvalidModel, match="base_url"):
        models().resolve("vllm/qwen")


def test_anthropic_and_gemini_go_through_ag2s_own_configs() -> None:
    assert isinstance(inner(models().resolve("anthropic/claude-3-sonnet")), AnthropicConfig)
    assert isinstance(inner(models().resolve("gemini/gemini-2.5-flash")), GeminiConfig)
    assert all(KEY not in repr(models().resolve(name)) for name in ("anthropic/claude-3-sonnet", "gemini/flash"))


@pytest.mark.parametrize("text", ["litellm/mistral/mistral-large", "mistral/mistral-large"])
def test_everything_else_goes_through_litellm(text: str) -> None:
    config = inner(models().resolve(text))
    assert isinstance(config, LiteLLMConfig)
    assert (config.model, config.api_key) == ("mistral/mistral-large", KEY)


@pytest.mark.parametrize(("text", "extra"), [("anthropic/claude-3", "anthropic"), ("mistral/large", "litellm")])
def test_a_missing_extra_is_named(text: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ag2.config.anthropic", None)
    monkeypatch.setattr("salon.models.litellm.installed", lambda: False)
    with pytest.raises(MissingExtra, match=rf'pip install "salon\[{extra}\]"') as caught:
        models().resolve(text)
    assert caught.value.kind is ErrorKind.MISSING_EXTRA


@pytest.mark.requirement("S4-09", "S4-29")
@pytest.mark.parametrize(
    "key",
    [
        None,
        "",
        "  ",
        "your_actual_api_key_here",
        "your_openai_api_key_here",
        "your-api-key",
        "YOUR_KEY",
        "sk-...",
        "sk-ant-...",
        "sk-xxxxxxxx",
        "changeme",
        "<key>",
        "${OPENAI_API_KEY}",
        "xxx",
        "api_key",
    ],
)
def test_a_missing_or_placeholder_key_means_the_mock(key: str | None) -> None:
    resolved = models(ModelSettings(openai_api_key=key)).resolve("openai/gpt-4o")
    assert isinstance(resolved.config, MockConfig)
    assert (resolved.source, resolved.provider, resolved.model) == ("mock", "mock", "mock")


@pytest.mark.parametrize(
    "key", [KEY, "sk-proj-Ab3dEf", "gsk_9a8b7c", "sk-ant-api03-Zz9", "anything-else-42", "sk-or-v1-12ab"]
)
def test_a_real_key_is_no_placeholder(key: str) -> None:
    assert not is_placeholder(key)


@pytest.mark.requirement("S4-27", "S4-28")
def test_the_default_model_is_the_settings() -> None:
    assert models(ModelSettings(openai_api_key=KEY)).resolve().model == "openai/gpt-4"
    assert models(ModelSettings(openai_api_key=KEY, openai_model="gpt-4o")).resolve(None).model == "openai/gpt-4o"


def test_mock_mode_decides_over_the_keys() -> None:
    assert models(ModelSettings(openai_api_key=KEY, mock_mode=True)).resolve("openai/gpt-4o").source == "mock"
    with pytest.raises(InvalidModel, match="OPENAI_API_KEY"):
        models(ModelSettings(mock_mode=False)).resolve("openai/gpt-4o")


def test_a_key_given_for_one_agent_is_judged_like_any_other() -> None:
    assert models(ModelSettings()).resolve("openai/gpt-4o", api_key=KEY).source == "model"
    assert models().resolve("claude-3", provider="anthropic", api_key="sk-ant-...").source == "mock"


def test_a_scenario_makes_the_mock_answer() -> None:
    scenario = Scenario.of([{"say": "Hello"}])
    resolved = models().resolve("openai/gpt-4o", scenario=scenario)
    assert isinstance(resolved.config, MockConfig)
    assert resolved.config.scenario is scenario


def test_a_chain_keeps_its_members_with_keys_and_the_mock_as_last_resort() -> None:
    chained = models().resolve(["openai/gpt-4o", "xai/grok-beta", "mock"])
    assert isinstance(chained.config, FallbackConfig)
    assert len(chained.config.chain) == 3
    assert (chained.model, chained.source) == ("openai/gpt-4o", "model")
    single = models(ModelSettings(xai_api_key=KEY)).resolve(["openai/gpt-4o", "xai/grok-beta"])
    assert (single.model, single.source) == ("xai/grok-beta", "model")
    assert models(ModelSettings()).resolve(["openai/gpt-4o", "xai/grok-beta"]).source == "mock"
    with pytest.raises(InvalidModel, match="at least one"):
        models().resolve([])


def test_an_ag2_config_of_ones_own_is_guarded_and_used() -> None:
    own = TestConfig("hello")
    resolved = models().resolve(own)
    assert inner(resolved) is own
    assert models().resolve(resolved.config).config is resolved.config
    assert models().resolve(MockConfig()).source == "mock"


def test_ag2s_openai_config_goes_through_our_door_with_all_it_says() -> None:
    brought = OpenAIConfig(
        "gpt-4o",
        base_url="http://127.0.0.1:9/v1",
        temperature=0.1,
        stop="END",
        user="u1",
        organization="org",
        default_headers={"x-a": "b"},
        extra_body={"top_k": 4},
        streaming=False,
    )
    resolved = models().resolve(brought)
    config = inner(resolved)
    assert isinstance(config, OpenAICompatibleConfig)
    assert (config.model, config.base_url, config.api_key) == ("gpt-4o", "http://127.0.0.1:9/v1", KEY)
    assert config.sampling.given() == {"temperature": 0.1, "stop": ("END",)}
    assert config.headers == {"openai-organization": "org", "x-a": "b"}
    assert config.extra_body == {"user": "u1", "top_k": 4}
    assert resolved.model == "openai/gpt-4o"


async def test_an_ag2_config_with_its_own_http_client_keeps_it() -> None:
    async with httpx2.AsyncClient() as client:
        brought = OpenAIConfig("gpt-4o", api_key=KEY, http_client=client)
        assert inner(models().resolve(brought)) is brought


def test_sampling_reaches_every_kind_of_config() -> None:
    sampling = Sampling(temperature=0.3, max_tokens=50, stop=("END",), seed=7)
    for text in ("openai/gpt-4o", "mistral/large"):
        config = inner_of(with_sampling(models().resolve(text).config, sampling))
        assert isinstance(config, OpenAICompatibleConfig | LiteLLMConfig)
        assert config.sampling.given() == {"temperature": 0.3, "max_tokens": 50, "stop": ("END",), "seed": 7}
    anthropic = inner_of(with_sampling(models().resolve("anthropic/claude-3").config, sampling))
    assert isinstance(anthropic, AnthropicConfig)
    assert (anthropic.temperature, anthropic.max_tokens, anthropic.stop_sequences) == (0.3, 50, ["END"])
    gemini = inner_of(with_sampling(models().resolve("gemini/flash").config, sampling))
    assert isinstance(gemini, GeminiConfig)
    assert (gemini.max_output_tokens, gemini.stop_sequences, gemini.seed) == (50, ["END"], 7)
    chained = with_sampling(models().resolve(["openai/gpt-4o", "xai/grok-beta"]).config, sampling)
    assert isinstance(chained, FallbackConfig)
    assert all(inner_of(member).sampling.seed == 7 for member in chained.chain)  # type: ignore[attr-defined]


def inner_of(config: object) -> object:
    """The vendor's config behind a guard, and behind what lends it connections."""
    assert isinstance(config, GuardedConfig)
    return config.inner.inner if isinstance(config.inner, ConnectedConfig) else config.inner


def test_the_settings_temperature_is_a_default_that_a_run_overrides() -> None:
    warm = models(ModelSettings(openai_api_key=KEY, temperature=0.7)).resolve("openai/gpt-4o").config
    assert inner_of(warm).sampling.temperature == 0.7  # type: ignore[attr-defined]
    assert inner_of(with_sampling(warm, Sampling(temperature=0.0))).sampling.temperature == 0.0  # type: ignore[attr-defined]


@pytest.mark.requirement("S2-11")
async def test_a_resolved_model_speaks_to_its_server(vendor: FakeVendor, http: SharedHttp) -> None:
    host = vendor.base_url.removesuffix("/v1")
    resolved = Models(ModelSettings(ollama_host=host), http).resolve("ollama/llama3.1")
    turn = Turn(resolved.config)
    response = await turn.say("hello")
    assert response.content == "Hello from the fake vendor."
    assert response.provider == "ollama"
    assert vendor.bodies[0]["model"] == "llama3.1"
    assert "authorization" not in vendor.request_headers[0]
