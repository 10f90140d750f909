"""Texts as vectors without a model."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.memory.embedder import HashEmbedder


async def cosine(one: str, other: str) -> float:
    first, second = await HashEmbedder().embed([one, other])
    return sum(a * b for a, b in zip(first, second, strict=True))


@given(st.text(max_size=200), st.integers(1, 300))
async def test_every_text_has_one_vector_of_length_one(text: str, dimensions: int) -> None:
    embedder = HashEmbedder(dimensions)
    first, second = await embedder.embed([text, text])
    assert first == second
    assert len(first) == embedder.dimensions == dimensions
    length = math.hypot(*first)
    assert length == 0 or math.isclose(length, 1)


async def test_vectors_are_the_same_in_every_process() -> None:
    (vector,) = await HashEmbedder(8).embed(["kettle"])
    assert [round(number, 3) for number in vector] == [-0.327, -0.327, 0.0, 0.0, 0.756, -0.327, -0.327, 0.0]


async def test_texts_that_share_words_are_nearer_than_others() -> None:
    near = await cosine("The cats sleep on the sofa", "A cat sleeping on sofas")
    assert near > 0.25, "also in other forms"
    assert near > await cosine("The cats sleep on the sofa", "Quarterly revenue grew") + 0.2
    assert math.isclose(await cosine("Same words", "same WORDS!"), 1)


def test_a_vector_has_a_length() -> None:
    with pytest.raises(ValueError, match="dimensions: expected a whole number from 1 on"):
        HashEmbedder(0)
