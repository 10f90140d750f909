"""A thread that was exported is the same thread where it is imported."""

from __future__ import annotations

from collections.abc import AsyncIterator

import orjson
import pytest

from salon.contracts.events import ToolDone, ToolStarted
from salon.errors import RequestError, SalonError
from salon.runtime.house import House, house_of
from salon.store.database import Database
from tests.contract.test_threads import consultation, message, say, told


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    house = house_of(database)
    yield house
    await house.close()


async def exported(house: House, thread: str) -> list[str]:
    return [line async for line in house.threads.export(thread, None)]


@pytest.mark.requirement("H-04")
async def test_an_export_imported_elsewhere_gives_the_same_messages_in_order_with_their_authors(house: House) -> None:
    here = (await house.threads.create("ann", title="Plans", agent_id="agent_1")).id
    await say(house, here, *consultation(), *(message(f"And {n}.") for n in range(450)))
    elsewhere = house_of("sqlite:///:memory:")
    there = await elsewhere.threads.load(await exported(house, here), "bob")
    assert (there.title, there.agent_id, there.user_id, there.message_count) == ("Plans", "agent_1", "bob", 453)
    rows = [await place.threads.messages(id, None, tools=True, limit=1000) for place, id in
            ((house, here), (elsewhere, there.id))]  # fmt: skip
    assert [row.data for row in rows[0]] == [row.data for row in rows[1]]
    assert [(row.role, row.user_id, row.agent) for row in rows[0]] == [(r.role, r.user_id, r.agent) for r in rows[1]]
    room = await elsewhere.lobby.existing(there.id)
    assert room.state.transcript.events[0] == consultation()[0], "models remember it"
    await elsewhere.close()


async def test_each_line_is_json_of_its_own(house: House) -> None:
    here = (await house.threads.create("ann", title="Plans")).id
    await say(house, here, *consultation())
    first, *further = [orjson.loads(line) for line in await exported(house, here)]
    assert first == {"kind": "thread", "version": 1, "title": "Plans", "exported_from": here}
    assert [line["body"]["event"] for line in further] == [
        "message.done", "tool.ready", "tool.done", "message.done", "message.done",
    ]  # fmt: skip


async def test_a_call_that_has_no_result_yet_is_closed_by_the_import(house: House) -> None:
    here = (await house.threads.create("ann")).id
    await say(house, here, *consultation()[:2])
    there = await house.threads.load(await exported(house, here), "ann")
    assert [(kind, text) for _, kind, _, _, text in await told(house.threads, there.id)][2:] == [
        ("result", "no result was imported")
    ]


def said(**changes: object) -> bytes:
    body = {
        "event": "message.done",
        "message": "m1",
        "author": {"id": "ann", "role": "user"},
        "parts": [{"kind": "text", "text": "hi"}],
    }
    return orjson.dumps({"kind": "said", "at": 1.5, "body": body | changes})


THREAD = b'{"kind": "thread", "version": 1}'
RESULT = b'{"kind": "said", "at": 1, "body": {"event": "tool.done", "call": "c1", "ok": true, "output": 1}}'


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], "the file is empty"),
        ([b"{"], "line 1: it is no JSON"),
        ([b'{"kind": "thread", "version": 2}'], "line 1: "),
        ([said()], "line 1: "),
        ([THREAD, b"", said(), b"[]"], "line 4: "),
        ([THREAD, said(author={"id": "ann", "role": "king"})], "line 2: "),
        ([THREAD, said(surprise=1)], "line 2: "),
        ([THREAD, b'{"kind": "said", "at": 1, "body": {"event": "run.started", "run": "r", "team": "t"}}'], "line 2: "),
        ([THREAD, said(), said()], "line 3: the id 'm1' is that of a line before it"),
        ([THREAD, RESULT], "line 2: call 'c1' is not open"),
        ([THREAD, b'{"kind": "said", "at": "soon"}'], "line 2: "),
    ],
)
async def test_a_line_that_is_wrong_is_told_by_its_number_and_nothing_is_stored(
    house: House, lines: list[bytes], told: str
) -> None:
    with pytest.raises(RequestError) as refused:
        await house.threads.load(lines, "ann")
    assert str(refused.value).startswith(told)
    assert (await house.threads.list(None)).items == []


async def test_a_file_without_end_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salon.rooms.transfer.LONGEST", 3)
    with pytest.raises(SalonError, match="more than 3 lines") as refused:
        await house.threads.load([THREAD, *[b""] * 3], "ann")
    assert refused.value.code == "too_large"


async def test_imported_messages_are_of_the_time_at_which_they_were_said(house: House) -> None:
    there = await house.threads.load([THREAD, said(), said(message="m2")], "ann")
    assert [row.created_at for row in await house.threads.messages(there.id, "ann")] == [1.5, 1.5]
    assert there.updated_at >= there.created_at > 1.5, "the thread itself is new"
    assert [orjson.loads(line)["at"] for line in (await exported(house, there.id))[1:]] == [1.5, 1.5]


async def test_what_is_left_of_a_call_that_was_cut_short_is_not_exported(house: House) -> None:
    here = (await house.threads.create("ann")).id
    cut = ToolStarted(event="tool.started", call="cut", name="look", agent="scout", run="r", where="server")
    await say(house, here, cut, ToolDone(event="tool.done", call="cut", ok=False, output="cancelled"))
    await say(house, here, *consultation())
    there = await house.threads.load(await exported(house, here), "ann")
    assert [key for key, *_ in await told(house.threads, there.id)] == [
        "question", "call_1", "call_1:result", "report", "plan",
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["c1", "c1:result"])
async def test_ids_of_messages_calls_and_results_are_all_different(house: House, key: str) -> None:
    call = b'{"kind": "said", "at": 1, "body": {"event": "tool.ready", "call": "c1", "name": "f", "args": {}, "where": "server"}}'  # noqa: E501
    for lines in ([THREAD, said(message=key), call, RESULT], [THREAD, call, RESULT, said(message=key)]):
        with pytest.raises(RequestError, match="is that of a line before it"):
            await house.threads.load(lines, "ann")
    assert (await house.threads.list(None)).items == []
