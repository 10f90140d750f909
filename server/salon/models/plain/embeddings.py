"""Embeddings of every vendor that LiteLLM knows, and which embedder a server uses. LiteLLM loads at the first call."""

import asyncio
from collections.abc import Sequence

from salon.memory.embedder import Embedder, HashEmbedder
from salon.models import litellm
from salon.models.errors import ErrorKind, InvalidModel, MissingExtra, ModelError, translate
from salon.models.resolve import ModelSettings, split

DEFAULT_MODEL = "openai/text-embedding-3-small"
DEFAULT_DIMENSIONS = 1536


class LiteLLMEmbedder:
    """A vendor's embeddings.

    Args:
        model: `provider/model`.
        dimensions: how long its vectors are; vendors that can are asked for as many.
        api_key: the vendor's key.
        base_url: another API root for the vendor's dialect.
        timeout: seconds that one call may take.
        retries: how often to ask again, from 1 on: LiteLLM takes 0 for its own default, which is 2.
    """

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        dimensions: int = DEFAULT_DIMENSIONS,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float = 60.0,
        retries: int = 2,
    ) -> None:
        self._vendor, _ = split(model)
        self._model = model
        self._dimensions = dimensions
        self._key = api_key
        self._base_url = base_url
        self._timeout = timeout
        self._retries = max(1, retries)

    @property
    def dimensions(self) -> int:
        """How long each vector is."""
        return self._dimensions

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector for each text, in their order. Raises ModelError, of which MissingExtra is one."""
        if not texts:
            return []
        library = await asyncio.to_thread(litellm.load)
        try:
            async with asyncio.timeout(self._timeout * (self._retries + 1)):
                answer = await library.aembedding(
                    model=self._model,
                    input=list(texts),
                    dimensions=self._dimensions,
                    encoding_format="float",
                    api_key=self._key,
                    api_base=self._base_url,
                    timeout=self._timeout,
                    max_retries=self._retries,
                    drop_params=True,  # what a vendor has no word for is left out
                )
        except TimeoutError:
            raise ModelError(ErrorKind.TIMEOUT, f"{self._vendor} took too long to answer.") from None
        except Exception as error:
            told = translate(error, self._vendor)
            if told is None:
                raise
            raise told from None
        return self._vectors(answer.model_dump(), len(texts))

    def _vectors(self, answer: dict[str, object], count: int) -> list[list[float]]:
        data = answer.get("data")
        rows = sorted(data, key=lambda row: row["index"]) if isinstance(data, list) else []
        vectors = [row.get("embedding") for row in rows]
        if len(vectors) != count or not all(isinstance(vector, list) for vector in vectors):
            raise ModelError(ErrorKind.BAD_RESPONSE, f"{self._vendor} gave an answer that cannot be read.")
        if other := next((len(vector) for vector in vectors if len(vector) != self._dimensions), None):
            raise InvalidModel(f'"{self._model}" makes vectors of {other} numbers: give dimensions={other}.')
        return [[float(number) for number in vector] for vector in vectors]


def embedder_of(settings: ModelSettings, model: str = DEFAULT_MODEL, dimensions: int = DEFAULT_DIMENSIONS) -> Embedder:
    """The vendor's embeddings where there is a key for them, else the embedder that needs none.

    Raises InvalidModel for what is no model and MissingExtra when there is a key but no LiteLLM.
    """
    vendor, _ = split(model)
    key = settings.key(vendor)
    if settings.mock_mode or key is None:
        return HashEmbedder()
    if not litellm.installed():
        raise MissingExtra(vendor, "litellm")
    address = settings.openai_base_url if vendor == "openai" else None
    return LiteLLMEmbedder(
        model,
        dimensions,
        api_key=key,
        base_url=address,
        timeout=settings.timeout,
        retries=settings.max_retries,
    )
