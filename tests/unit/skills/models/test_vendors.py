"""A model's name makes its provider's skill; its settings reach the provider, and it can be asked by itself."""

from collections.abc import Callable
from typing import Any

import pytest

from salon import Agent, AnthropicSkill, LiteLLMSkill, ModelSkill, OllamaSkill, OpenAISkill, XAISkill
from salon.errors import SalonError
from salon.skills.models.vendor import VendorSkill
from tests.fakes.vendor import FakeVendor, answer

KEY = "sk-proj-9f8e7d6c5b4a39281706f5e4d3c2b1a0"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_PACE", "0")


@pytest.mark.requirement("S1-02", "S1-03", "S1-04", "S1-05")
@pytest.mark.parametrize(
    ("model", "kind", "name"),
    [
        ("openai/gpt-4o", OpenAISkill, "gpt-4o"),
        ("gpt-4o", OpenAISkill, "gpt-4o"),
        ("anthropic/claude-3-sonnet", AnthropicSkill, "claude-3-sonnet"),
        ("litellm/openai/gpt-4o", LiteLLMSkill, "openai/gpt-4o"),
        ("litellm/gpt-4o-mini", LiteLLMSkill, "gpt-4o-mini"),
        ("xai/grok-beta", XAISkill, "grok-beta"),
        ("ollama/llama3.1", OllamaSkill, "llama3.1"),
    ],
)
def test_a_models_name_makes_the_skill_of_its_provider(model: str, kind: type[VendorSkill], name: str) -> None:
    agent = Agent("a", "You help.", model=model)
    skill = agent.context.get_llm_skill()
    assert type(skill) is kind
    assert isinstance(skill, VendorSkill)
    assert skill.model == name


def test_a_provider_without_a_skill_of_its_own_has_a_plain_one() -> None:
    skill = Agent("a", "You help.", model="groq/llama").context.get_llm_skill()
    assert type(skill) is ModelSkill
    assert skill.spec().model == "groq/llama"


@pytest.mark.requirement("S1-06", "S2-11")
async def test_the_settings_of_a_skill_reach_the_provider() -> None:
    async with FakeVendor() as vendor:
        vendor.script(answer("Hello from afar."))
        skill = OpenAISkill({"api_key": KEY, "base_url": vendor.base_url, "temperature": 0.7, "max_tokens": 1000})
        agent = Agent("custom-chat", "You are a helpful assistant", model=skill)
        assert str(await agent.run([{"role": "user", "content": "Hello"}])) == "Hello from afar."
        (body,), (headers,) = vendor.bodies, vendor.request_headers
    assert body["model"] == "gpt-4o-mini"
    assert body["temperature"] == 0.7
    assert 1000 in (body.get("max_tokens"), body.get("max_completion_tokens"))
    assert headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.requirement("S1-07")
async def test_without_a_model_a_model_skill_answers() -> None:
    agent = Agent("skills-chat", "You help.", skills={"openai": OpenAISkill({"api_key": "sk-..."})})
    assert agent.context.get_llm_skill() is agent.skills["openai"]
    assert agent.model == "openai/gpt-4o-mini"
    assert str(await agent.run([{"role": "user", "content": "Hello, how are you?"}]))


@pytest.mark.requirement("S1-17", "S1-18")
def test_further_model_skills_stand_beside_the_one_that_answers() -> None:
    agent = Agent(
        "multi",
        "You help.",
        model="litellm/openai/gpt-4o",
        skills={
            "claude": AnthropicSkill({"api_key": "anthropic-key"}),
            "openai_specialist": OpenAISkill({"api_key": "sk-...", "model": "gpt-4-turbo"}),
        },
    )
    assert isinstance(agent.context.get_llm_skill(), LiteLLMSkill)
    assert isinstance(agent.context.get_skill("claude"), AnthropicSkill)
    specialist = agent.context.get_skill("openai_specialist")
    assert isinstance(specialist, OpenAISkill)
    assert specialist.model == "gpt-4-turbo"


@pytest.mark.requirement("S1-81")
async def test_a_model_is_asked_directly_and_answers_with_a_text() -> None:
    skill = OpenAISkill({"api_key": "..."})
    Agent("a", "You help.", skills={"openai": skill})
    analysis = await skill.query_openai(
        "gpt-4", [{"role": "system", "content": "Analyze the following research on tea"}]
    )
    assert isinstance(analysis[:500], str)
    assert "tea" in analysis


@pytest.mark.requirement("S1-81")
async def test_what_is_asked_directly_reaches_the_provider_as_it_was_said() -> None:
    async with FakeVendor() as vendor:
        vendor.script(answer("Short."))
        skill = OpenAISkill({"api_key": KEY, "base_url": vendor.base_url, "temperature": 0.1})
        said = [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Yes?"},
            {"role": "user", "content": "Why?"},
        ]
        assert await skill.query_openai("openai/gpt-4", said) == "Short."
        (body,) = vendor.bodies
    assert body["model"] == "gpt-4"
    assert body["temperature"] == 0.1
    assert [(message["role"], message["content"]) for message in body["messages"]] == [
        (message["role"], message["content"]) for message in said
    ]


QUERIES: list[tuple[VendorSkill, Callable[..., Any]]] = [
    (AnthropicSkill({"api_key": "..."}), AnthropicSkill.query_anthropic),
    (XAISkill({"api_key": "..."}), XAISkill.query_xai),
    (LiteLLMSkill({"api_key": "..."}), LiteLLMSkill.query_litellm),
]


@pytest.mark.parametrize(("skill", "query"), QUERIES, ids=lambda each: getattr(each, "__name__", ""))
async def test_every_provider_can_be_asked(skill: VendorSkill, query: Callable[..., Any]) -> None:
    assert await query(skill, skill.model, [{"role": "user", "content": "Hello"}])


@pytest.mark.requirement("S2-11")
async def test_ollama_is_asked_without_a_key() -> None:
    async with FakeVendor() as vendor:
        vendor.script(answer("Moin."))
        agent = Agent("local", "You help.", model=OllamaSkill({"base_url": vendor.base_url}))
        assert str(await agent.run("Hello")) == "Moin."
        (body,) = vendor.bodies
    assert body["model"] == "llama3.1"
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


@pytest.mark.requirement("S2-11")
async def test_an_ollama_that_does_not_run_is_an_error_and_no_hang() -> None:
    skill = OllamaSkill({"base_url": "http://127.0.0.1:1/v1"})
    with pytest.raises(SalonError, match="ollama"):
        await skill.query_ollama("llama3.1", [{"role": "user", "content": "Hello"}])


@pytest.mark.parametrize("messages", [[], [{"role": "user", "content": 5}], [{"role": "tool", "content": "x"}], [{}]])
async def test_messages_that_cannot_be_used_are_refused(messages: list[dict[str, object]]) -> None:
    with pytest.raises(SalonError, match="messages"):
        await OpenAISkill().query_openai("gpt-4", messages)


def test_a_setting_that_no_model_has_is_refused() -> None:
    with pytest.raises(ValueError, match="temprature"):
        Agent("a", "You help.", model=OpenAISkill({"temprature": 1}))
