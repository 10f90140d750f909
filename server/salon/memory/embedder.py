"""Texts as vectors: the port, and the embedder of an offline server."""

import math
import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Protocol

_WORD = re.compile(r"\w+")
_COMMON = frozenset(
    "a an and are as at be but by for from had has have he her his i in is it its my of on or our she so that "  # noqa: SIM905
    "the their them they this to was we were what when where which who will with you your".split()
)
_PIECE = 3
_PIECE_WEIGHT = 0.35
"""What three letters of a word count, beside the word itself: enough to bring plurals and endings together."""


class Embedder(Protocol):
    """Turns texts into vectors, similar ones for similar texts. The same text always has the same vector."""

    @property
    def dimensions(self) -> int:
        """How long each vector is."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector for each text, in their order. Raises what goes wrong on the way to a vendor."""


class HashEmbedder:
    """An embedder that needs no model: it hashes words and their parts into `dimensions` numbers.

    It knows which words texts share, not what they mean.
    """

    def __init__(self, dimensions: int = 256) -> None:
        if dimensions < 1:
            raise ValueError(f"dimensions: expected a whole number from 1 on, got {dimensions!r}.")
        self._dimensions = dimensions

    @property
    def dimensions(self) -> int:
        """How long each vector is."""
        return self._dimensions

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of length 1 for each text; of length 0 for a text without words."""
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> list[float]:
        weights: dict[str, float] = {}
        for word in _WORD.findall(text.lower()):
            if word in _COMMON:
                continue
            weights[word] = weights.get(word, 0.0) + 1.0
            marked = f"<{word}>"
            for start in range(len(marked) - _PIECE + 1):
                piece = f"#{marked[start : start + _PIECE]}"
                weights[piece] = weights.get(piece, 0.0) + _PIECE_WEIGHT
        vector = [0.0] * self._dimensions
        for feature, weight in weights.items():
            place = int.from_bytes(blake2b(feature.encode("utf-8", "replace"), digest_size=8).digest())
            sign = 1.0 if place & 1 else -1.0  # so that features that meet in one place cancel out on average
            vector[(place >> 1) % self._dimensions] += sign * math.log1p(weight)
        length = math.sqrt(sum(number * number for number in vector))
        return [number / length for number in vector] if length else vector
