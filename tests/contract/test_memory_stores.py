"""Facts, values and vectors, on every database."""

import asyncio
import math
import random
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import make_url
from structlog.testing import capture_logs

from salon.contracts.runs import Principal
from salon.errors import RequestError, SalonError
from salon.memory.embedder import HashEmbedder
from salon.memory.facts import UserMemoryStore, recall_from
from salon.memory.vectors import VectorStore
from salon.store import vectors
from salon.store.database import Database
from salon.store.facts import FACTS_PER_USER
from salon.store.values import ValueStore
from tests.clock import ManualClock


@pytest.fixture
def memory(database: Database, clock: ManualClock) -> UserMemoryStore:
    return UserMemoryStore(database, clock=clock)


@pytest.fixture
def values(database: Database, clock: ManualClock) -> ValueStore:
    return ValueStore(database, clock=clock)


@pytest.fixture
def texts(database: Database, clock: ManualClock) -> VectorStore:
    return VectorStore(database, clock=clock)


@pytest.mark.requirement("S2-32", "S2-33", "S2-34", "S2-35", "S2-36")
async def test_facts_are_set_read_and_told_as_the_documents_show(memory: UserMemoryStore, clock: ManualClock) -> None:
    await memory.set("user_123", "name", "Phil")
    clock.advance(1)
    await memory.set("user_123", "timezone", "Europe/London")
    await memory.set("user_123", "style", "concise", category="preferences")
    assert await memory.get("user_123", "name") == "Phil"
    assert await memory.get("user_123", "age") is None
    assert await memory.get("user_456", "name") is None
    facts = await memory.get_all("user_123")
    assert [(fact["key"], fact["value"], fact["category"]) for fact in facts] == [
        ("name", "Phil", "general"),
        ("style", "concise", "preferences"),
        ("timezone", "Europe/London", "general"),
    ]
    told = memory.format_for_prompt(facts)
    assert '- name: "Phil"' in told
    assert told.index("[general]") < told.index("Europe/London") < told.index("[preferences]") or (
        told.index("[preferences]") < told.index('"concise"')
    )


@pytest.mark.requirement("S2-33")
async def test_a_fact_that_is_set_again_replaces_the_old_one(memory: UserMemoryStore, clock: ManualClock) -> None:
    await memory.set("u", "city", "Paris", category="places")
    first = await memory.get_all("u")
    clock.advance(10)
    await memory.set("u", "city", "Oslo")
    (fact,) = await memory.get_all("u")
    assert (fact["value"], fact["category"]) == ("Oslo", "general")
    assert fact["created_at"] == first[0]["created_at"]
    assert fact["updated_at"] == first[0]["updated_at"] + 10


async def test_facts_set_at_once_end_as_one(memory: UserMemoryStore) -> None:
    async with asyncio.timeout(20):
        await asyncio.gather(*(memory.set("u", "n", str(number)) for number in range(20)))
    (fact,) = await memory.get_all("u")
    assert fact["value"] in map(str, range(20))


async def test_facts_are_forgotten_one_by_one_and_all_together(memory: UserMemoryStore) -> None:
    for user in ("alice", "bob"):
        await memory.set_all(user, [{"key": "a", "value": "1"}, {"key": "b", "value": "2", "category": "x"}])
    assert await memory.delete("alice", "a")
    assert not await memory.delete("alice", "a")
    assert [fact["key"] for fact in await memory.get_all("alice")] == ["b"]
    assert await memory.clear("bob") == 2
    assert (len(await memory.get_all("alice")), await memory.get_all("bob")) == (1, [])


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("user", {"user": " "}),
        ("key", {"key": ""}),
        ("key", {"key": "k" * 101}),
        ("value", {"value": 7}),
        ("value", {"value": "v" * 2_001}),
        ("category", {"category": None}),
    ],
)
async def test_what_is_no_fact_is_refused_by_name(memory: UserMemoryStore, field: str, arguments: Any) -> None:
    with pytest.raises(RequestError, match=f"^{field}: ") as caught:
        await memory.set(**{"user": "u", "key": "k", "value": "v", **arguments})
    assert caught.value.details[0].path == f"/{field}"
    assert await memory.get_all("u") == []


async def test_facts_of_one_user_are_bounded_and_none_of_too_many_is_kept(memory: UserMemoryStore) -> None:
    await memory.set_all("u", [{"key": f"k{i}", "value": "v"} for i in range(FACTS_PER_USER)])
    with pytest.raises(SalonError) as caught:
        await memory.set("u", "one more", "v")
    assert caught.value.code == "limit_exceeded"
    await memory.set("u", "k0", "changed")
    assert len(await memory.get_all("u")) == FACTS_PER_USER


async def test_any_text_can_be_a_fact(memory: UserMemoryStore) -> None:
    odd = "NUL \0, a lone surrogate \ud800, 'quotes', {braces}, 🎉 %s"
    await memory.set("u", "odd", odd)
    assert await memory.get("u", "odd") == "NUL  , a lone surrogate ?, 'quotes', {braces}, 🎉 %s"


async def test_agents_are_told_of_a_person_but_not_of_nobody_nor_on_an_unchecked_claim(memory: UserMemoryStore) -> None:
    recall = recall_from(memory)
    for user in ("alice", "anonymous", "api:alice"):
        await memory.set(user, "name", "Alice")
    assert '- name: "Alice"' in (await recall(Principal("alice")) or "")
    assert [await recall(Principal(user)) for user in ("anonymous", "api:alice", "bob")] == [None, None, None]


async def test_values_are_kept_apart_by_namespace_and_listed_by_prefix(values: ValueStore) -> None:
    await values.set("notes", "b/2", b"\x00two")
    await values.set("notes", "b/1", b"one")
    await values.set("notes", "B/3", b"three")
    await values.set("other", "b/1", b"else")
    assert await values.get("notes", "b/2") == b"\x00two"
    assert await values.get("notes", "none") is None
    assert await values.keys("notes", "b/") == ["b/1", "b/2"]
    assert await values.keys("notes", "b", limit=1) == ["b/1"]
    assert set(await values.keys("notes")) == {"b/1", "b/2", "B/3"}
    await values.set("notes", "b/1", b"again")
    assert await values.get("notes", "b/1") == b"again"
    assert await values.delete("notes", "b/1") == 1
    assert await values.delete("notes") == 2
    assert await values.get("other", "b/1") == b"else"


async def test_a_value_is_gone_after_its_time(values: ValueStore, clock: ManualClock) -> None:
    await values.set("n", "short", b"1", seconds=10)
    await values.set("n", "long", b"2", seconds=100)
    await values.set("n", "ever", b"3")
    clock.advance(10)
    assert await values.get("n", "short") is None
    assert await values.keys("n") == ["ever", "long"]
    assert await values.purge() == 1
    await values.set("n", "long", b"2")
    clock.advance(1_000)
    assert await values.keys("n") == ["ever", "long"], "set again without a time it stays for good"


@pytest.mark.parametrize(("namespace", "key"), [("", "k"), ("n" * 161, "k"), ("n", ""), ("n", "k" * 513), ("n", "\0")])
async def test_a_name_that_does_not_fit_is_refused(values: ValueStore, namespace: str, key: str) -> None:
    with pytest.raises(ValueError, match=r"(namespace|key): expected 1 to \d+ characters"):
        await values.set(namespace, key, b"")


async def test_the_nearest_text_is_found_first(texts: VectorStore) -> None:
    about = ["The kettle takes 1.7 litres of water.", "Descale the kettle every month.", "Cats sleep most of the day."]
    ids = await texts.add("manual", [*about, {"text": about[0], "metadata": {"page": 3}}])
    assert len(ids) == len(set(ids)) == await texts.count("manual") == 3, "the same text is there once"
    found = await texts.search("manual", "how many litres of water does the kettle take?", top_k=2)
    assert [match.text for match in found] == about[:2]
    assert found[0].metadata == {"page": 3}
    assert 1 >= found[0].score > found[1].score > 0
    (same,) = await texts.search("manual", about[2], top_k=1)
    assert same.score == pytest.approx(1, abs=1e-5)
    assert await texts.search("other", "kettle") == []


async def test_texts_are_replaced_and_dropped_by_id(texts: VectorStore) -> None:
    await texts.add("c", [{"id": "a", "text": "apples"}, {"id": "b", "text": "pears"}])
    await texts.add("c", [{"id": "a", "text": "plums"}])
    assert (await texts.search("c", "plums", 1))[0].id == "a"
    assert [match.text for match in await texts.search("c", "apples")] != ["apples"]
    assert await texts.delete("c", ["a", "none"]) == 1
    assert [match.id for match in await texts.search("c", "plums")] == ["b"]
    assert await texts.delete("c") == 1
    assert await texts.search("c", "plums") == []


async def test_a_collection_keeps_to_one_embedder(texts: VectorStore, database: Database) -> None:
    await texts.add("c", ["apples"])
    other = VectorStore(database, HashEmbedder(8))
    for attempt in (other.add("c", ["pears"]), other.search("c", "pears")):
        with pytest.raises(SalonError, match="'c' has embeddings of 256 dimensions, not 8") as caught:
            await attempt
        assert caught.value.code == "conflict"
    await other.add("d", ["pears"])
    assert len(await other.search("d", "pears")) == 1


@pytest.mark.parametrize(
    ("field", "item"),
    [
        ("text", ""),
        ("text", {"id": "a"}),
        ("text", "t" * 32_769),
        ("id", {"text": "t", "id": "i" * 161}),
        ("metadata", {"text": "t", "metadata": [1]}),
        ("metadata", {"text": "t", "metadata": {"a": object()}}),
        ("metadata", {"text": "t", "metadata": {"a": "x" * 17_000}}),
    ],
)
async def test_what_is_no_text_is_refused_by_name(texts: VectorStore, field: str, item: Any) -> None:
    with pytest.raises(RequestError, match=f"^{field}: "):
        await texts.add("c", ["good", item])
    assert await texts.count("c") == 0


async def test_a_search_is_bounded(texts: VectorStore) -> None:
    for query, top_k in (("", 1), ("q", 0), ("q", 101)):
        with pytest.raises(RequestError, match=r"^(query|top_k): "):
            await texts.search("c", query, top_k)


async def test_texts_without_words_are_near_to_nothing(texts: VectorStore) -> None:
    await texts.add("c", ["...", "apples"])
    assert [match.score for match in await texts.search("c", "!!!")] == [0, 0]
    assert (await texts.search("c", "apples"))[0].text == "apples"


class Given:
    """An embedder whose vectors the test gives: a text is its number."""

    def __init__(self, vectors: Sequence[Sequence[float]]) -> None:
        self._vectors = vectors
        self.dimensions = len(vectors[0])

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [list(self._vectors[int(text)]) for text in texts]


async def test_the_best_of_many_are_the_best_also_beside_a_crowded_collection(database: Database) -> None:
    chance = random.Random(7)
    many = [[chance.gauss(0, 1) for _ in range(16)] for _ in range(2_300)]
    store = VectorStore(database, Given(many))
    await store.add("crowd", [str(i) for i in range(2_200)])
    await store.add("few", [str(i) for i in range(2_200, 2_300)])
    found = await store.search("few", "0", top_k=10)

    def cosine(other: Sequence[float]) -> float:
        product = sum(a * b for a, b in zip(many[0], other, strict=True))
        return product / math.hypot(*many[0]) / math.hypot(*other)

    expected = sorted(range(2_200, 2_300), key=lambda i: -cosine(many[i]))[:10]
    assert [int(match.text) for match in found] == expected
    assert [match.score for match in found] == pytest.approx([cosine(many[i]) for i in expected], abs=1e-4)


async def test_without_pgvector_the_same_is_found_and_the_log_says_so_once(
    postgres_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def absent(_rows: vectors.VectorRows, _dimensions: int) -> None:
        return None

    monkeypatch.setattr(vectors.VectorRows, "_indexed", absent)
    database = Database(postgres_database_url)
    try:
        with capture_logs() as logs:
            await test_the_nearest_text_is_found_first(VectorStore(database))
        assert [line["event"] for line in logs if line["event"].startswith("vectors.")] == ["vectors.no_pgvector"]
        await test_texts_without_words_are_near_to_nothing(VectorStore(database))
    finally:
        await database.close()


async def test_who_may_not_make_the_index_searches_without(postgres_database_url: str) -> None:
    owner = Database(postgres_database_url)
    try:
        await VectorStore(owner).add("c", ["apples", "pears"])
        async with owner.writing() as conn:
            role = f"reader_{uuid4().hex}"
            await conn.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
            await conn.exec_driver_sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
        reader = Database(make_url(postgres_database_url).set(username=role).render_as_string(hide_password=False))
        try:
            with capture_logs() as logs:
                (match,) = await VectorStore(reader).search("c", "pears", top_k=1)
            assert match.text == "pears"
            assert [line["event"] for line in logs if line["event"].startswith("vectors.")] == ["vectors.no_index"]
        finally:
            await reader.close()
            async with owner.writing() as conn:
                await conn.exec_driver_sql(f"DROP OWNED BY {role}")
                await conn.exec_driver_sql(f"DROP ROLE {role}")
    finally:
        await owner.close()


async def test_on_postgresql_the_index_answers(postgres_database_url: str) -> None:
    database = Database(postgres_database_url)
    try:
        with capture_logs() as logs:
            store = VectorStore(database)
            await store.add("c", ["apples", "pears"])
            await store.search("c", "apples")
            await store.search("c", "pears")
        assert not [line for line in logs if line["event"].startswith("vectors.")]
        async with database.reading() as conn:
            query = "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_salon_vectors_near_256'"
            (definition,) = (await conn.exec_driver_sql(query)).scalars()
        assert "hnsw" in definition
    finally:
        await database.close()
