"""AG2's own configs, whose SDKs would open connections of their own: they use the shared ones, and leave none open."""

import json
from collections.abc import AsyncIterator
from typing import get_args

import httpx2
import pytest
from ag2.config.anthropic import AnthropicConfig
from anthropic.resources.messages.messages import DEPRECATED_MODELS
from anthropic.types import ModelParam

from salon.agents.arguments import DEFAULT_MODELS
from salon.contracts.runs import Sampling
from salon.models.config import ConnectedConfig, connected, with_sampling
from salon.models.openai import SharedHttp
from salon.models.resolve import Models, ModelSettings
from tests.fakes.turn import Turn
from tests.fakes.vendor import FakeVendor, Scripted

KEY = "sk-ant-4f8d2c"


def said(*words: str) -> Scripted:
    """A text as Anthropic streams it."""
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": []}
    used = {"usage": {"input_tokens": 11, "output_tokens": 1}}
    deltas = [{"type": "text_delta", "text": word} for word in words]
    events: list[tuple[str, dict[str, object]]] = [
        ("message_start", {"message": {**message, **used}}),
        ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
        *(("content_block_delta", {"index": 0, "delta": delta}) for delta in deltas),
        ("content_block_stop", {"index": 0}),
        ("message_delta", {"delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}}),
        ("message_stop", {}),
    ]
    parts = [f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode() for name, data in events]
    return Scripted(parts, done=False)


@pytest.fixture
async def http() -> AsyncIterator[SharedHttp]:
    shared = SharedHttp()
    yield shared
    await shared.aclose()


@pytest.mark.filterwarnings("ignore:The model 'claude-sonnet-4-20250514' is deprecated")  # the documents' own
@pytest.mark.requirement("S2-11")
async def test_anthropic_gets_the_request_that_it_expects_over_shared_connections(http: SharedHttp) -> None:
    async with FakeVendor() as vendor:
        vendor.script(said("Hello", " there"), said("Again"))
        resolved = Models(ModelSettings(anthropic_api_key=KEY), http).resolve(
            "anthropic/claude-sonnet-4-20250514", base_url=vendor.base_url.removesuffix("/v1")
        )
        config = with_sampling(resolved.config, Sampling(temperature=0.3, max_tokens=50))
        responses = [await Turn(config).say("hello") for _ in range(2)]
        assert [response.content for response in responses] == ["Hello there", "Again"]
        usage = responses[0].usage
        assert (responses[0].provider, usage.prompt_tokens, usage.completion_tokens) == ("anthropic", 11, 7)
        assert vendor.connections_opened == 1, "one for both turns"
        await http.aclose()
        await vendor.all_closed()
    body, headers = vendor.bodies[0], vendor.request_headers[0]
    assert vendor.paths[0] == "/v1/messages"
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("claude-sonnet-4-20250514", 50, 0.3)
    assert body["stream"] is True
    assert [message["role"] for message in body["messages"]] == ["user"]
    assert headers["x-api-key"] == KEY
    assert headers["anthropic-version"]


def test_the_default_of_anthropic_is_a_model_that_its_sdk_knows_and_does_not_warn_of() -> None:
    literals = get_args(get_args(ModelParam)[0])
    assert DEFAULT_MODELS["anthropic"] in literals
    assert DEFAULT_MODELS["anthropic"] not in DEPRECATED_MODELS


async def test_a_config_that_brings_its_own_http_client_keeps_it(http: SharedHttp) -> None:
    async with httpx2.AsyncClient() as own:
        config = AnthropicConfig(model="claude", api_key=KEY, http_client=own)
        assert connected(config, http.client) is config
    lent = connected(AnthropicConfig(model="claude", api_key=KEY), http.client)
    assert isinstance(lent, ConnectedConfig)
    assert KEY not in repr(lent)
    assert (lent.model, lent.provider) == ("claude", config.provider)
