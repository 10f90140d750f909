"""One question to a model, one text back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from salon.memory.extractor import RuleReader
from salon.models.errors import ModelError
from salon.models.mock import MockConfig
from salon.models.mock.scenario import Scenario
from salon.models.openai import SharedHttp
from salon.models.plain.asking import Asking, fact_reader
from salon.models.resolve import Models, ModelSettings
from tests.fakes.vendor import FakeVendor, answer, fail


@pytest.fixture
async def vendor() -> AsyncIterator[FakeVendor]:
    async with FakeVendor() as vendor:
        yield vendor


async def test_a_model_answers_a_question_with_a_text(vendor: FakeVendor) -> None:
    http = SharedHttp()
    try:
        models = Models(ModelSettings(mock_mode=False), http)
        ask = Asking(models.resolve("openai/gpt-4o", base_url=vendor.base_url).config)
        vendor.script(answer('{"facts": []}'), fail(401))
        async with asyncio.timeout(5):
            assert await ask("What is known?") == '{"facts": []}'
            with pytest.raises(ModelError):
                await ask("And now?")
    finally:
        await http.aclose()
    body = vendor.bodies[0]
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["messages"][1]["content"] == "What is known?"
    assert body["temperature"] == 0


async def test_any_model_of_the_house_can_be_asked() -> None:
    ask = Asking(MockConfig(scenario=Scenario.of([{"say": "Alice likes tea."}])))
    assert await ask("Sum this up.") == "Alice likes tea."


def test_a_mock_does_not_read_for_facts_and_a_model_does() -> None:
    models = Models(ModelSettings(openai_api_key="sk-real-looking-key"), SharedHttp())
    assert isinstance(fact_reader(models.resolve("mock")), RuleReader)
    assert isinstance(fact_reader(models.resolve("openai/gpt-4o")), Asking)
