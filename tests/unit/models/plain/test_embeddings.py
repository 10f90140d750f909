"""Embeddings of vendors, against a fake one; and which embedder a server has."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from salon.memory.embedder import HashEmbedder
from salon.models import litellm
from salon.models.errors import ErrorKind, InvalidModel, MissingExtra, ModelError
from salon.models.plain.embeddings import LiteLLMEmbedder, embedder_of
from salon.models.resolve import ModelSettings
from tests.fakes.vendor import LITELLM_WARNINGS, FakeVendor, Scripted, embedded, fail

KEY = "sk-secret-key-of-this-test"
pytestmark = LITELLM_WARNINGS


@pytest.fixture
async def vendor() -> AsyncIterator[FakeVendor]:
    async with FakeVendor() as vendor:
        yield vendor


@pytest.fixture
def embedder(vendor: FakeVendor) -> LiteLLMEmbedder:
    litellm.load()  # takes seconds, which a test's own limit does not allow for
    return LiteLLMEmbedder(dimensions=3, api_key=KEY, base_url=vendor.base_url, retries=1)


async def test_each_text_gets_its_own_vector(embedder: LiteLLMEmbedder, vendor: FakeVendor) -> None:
    vendor.script(embedded([1, 0, 0], [0, 0.5, 0]))
    async with asyncio.timeout(5):
        assert await embedder.embed(["one", "two"]) == [[1, 0, 0], [0, 0.5, 0]]
    assert vendor.paths == ["/v1/embeddings"]
    body = vendor.bodies[0]
    assert (body["input"], body["model"], body["dimensions"]) == (["one", "two"], "text-embedding-3-small", 3)
    assert vendor.request_headers[0]["authorization"] == f"Bearer {KEY}"
    assert await embedder.embed([]) == []
    assert len(vendor.bodies) == 1, "nothing is not asked for"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (fail(401), ErrorKind.AUTHENTICATION),
        (fail(429), ErrorKind.RATE_LIMITED),
        (fail(500), ErrorKind.UNAVAILABLE),
        (embedded([1, 0, 0]), ErrorKind.BAD_RESPONSE),
    ],
    ids=["key", "rate", "down", "too few"],
)
async def test_what_goes_wrong_is_told_without_the_key(
    embedder: LiteLLMEmbedder, vendor: FakeVendor, reply: Scripted, kind: ErrorKind
) -> None:
    vendor.default = reply
    with pytest.raises(ModelError) as caught:
        async with asyncio.timeout(5):
            await embedder.embed(["one", "two"])
    assert caught.value.kind == kind
    assert KEY not in str(caught.value)


async def test_vectors_of_another_length_are_refused_with_the_remedy(
    embedder: LiteLLMEmbedder, vendor: FakeVendor
) -> None:
    vendor.script(embedded([1, 0]))
    with pytest.raises(InvalidModel, match="makes vectors of 2 numbers: give dimensions=2"):
        async with asyncio.timeout(5):
            await embedder.embed(["one"])


def test_a_server_without_a_key_embeds_offline() -> None:
    for settings in (
        ModelSettings(),
        ModelSettings(openai_api_key="your_key_here"),
        ModelSettings(openai_api_key=KEY, mock_mode=True),
    ):
        assert isinstance(embedder_of(settings), HashEmbedder)


def test_a_server_with_a_key_uses_the_vendors_embeddings(monkeypatch: pytest.MonkeyPatch) -> None:
    found = embedder_of(ModelSettings(openai_api_key=KEY))
    assert isinstance(found, LiteLLMEmbedder)
    assert found.dimensions == 1536
    other = embedder_of(ModelSettings(other_keys={"mistral": KEY}), "mistral/mistral-embed", 1024)
    assert other.dimensions == 1024
    monkeypatch.setattr(litellm, "installed", lambda: False)
    with pytest.raises(MissingExtra, match=r'pip install "salon\[litellm\]"'):
        embedder_of(ModelSettings(openai_api_key=KEY))
