import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from rich.console import Console

from salon.cli.terminal import pipe
from salon.cli.terminal.chat import Chat
from salon.cli.terminal.screen import Screen
from salon.clients.backoff import Backoff
from tests.unit.clients.frames import JSON, entry, events, said, subscribed, text, welcome
from tests.unit.clients.server import Desk, House

QUESTION = {"event": "interrupt.opened", "interrupt": "i1", "run": "r1", "agent": "writer", "reason": "approval"}
APPROVE = {"type": "object", "properties": {"approved": {"type": "boolean"}}, "required": ["approved"]}


class Scene:
    """A chat at one end, a test's server at the other."""

    def __init__(self, chat: Chat, desk: Desk, out: io.StringIO, house: House) -> None:
        self.chat = chat
        self.desk = desk
        self.house = house
        self._out = out
        self._seq = 3

    def shown(self) -> str:
        return self._out.getvalue()

    async def shows(self, words: str) -> None:
        """Wait until `words` are on the screen."""
        changed = asyncio.Event()
        self.chat.changed = changed.set
        async with asyncio.timeout(5):
            while words not in self.shown():
                await changed.wait()
                changed.clear()

    async def happens(self, *bodies: JSON, cause: str | None = None) -> None:
        """Entries of the log."""
        made = []
        for body in bodies:
            self._seq += 1
            rest = {key: value for key, value in body.items() if key != "event"}
            made.append(entry(self._seq, body["event"], cause, **rest))
        await self.desk.says(events(*made))

    async def acks(self, action: JSON, **more: Any) -> None:
        await self.desk.says(text({"kind": "ack", "reply_to": action["id"], "duplicate": False, **more}))


@asynccontextmanager
async def scene(**options: Any) -> AsyncIterator[Scene]:
    async with House.opened() as house:
        out = io.StringIO()
        screen = Screen(Console(file=out, width=100), live=False)
        chat = Chat(house.url, "lab", screen, backoff=Backoff(0, 0))
        link = asyncio.create_task(chat.link.run())
        desk = await house.next_client()
        await desk.lets_in(**options)
        here = Scene(chat, desk, out, house)
        await here.shows("agents:")
        try:
            yield here
        finally:
            link.cancel()
            with suppress(asyncio.CancelledError):
                await link


async def test_a_newcomer_reads_where_it_is_who_is_there_and_that_the_models_are_mocks() -> None:
    async with scene() as here:
        assert "room lab at ws://127.0.0.1" in here.shown()
        assert "MOCK models" in here.shown()
        assert "agents: host, analyst" in here.shown()
        assert "MOCK" in here.chat.status()


async def test_live_models_are_not_called_mocks() -> None:
    async with scene(hello=welcome("live")) as here:
        assert "MOCK" not in here.shown() + here.chat.status()


async def test_what_is_typed_is_sent_and_shown_once() -> None:
    async with scene() as here:
        here.chat.enter("hello @analyst\n")
        action = await here.desk.hears("send")
        assert action["parts"] == [{"kind": "text", "text": "hello @analyst"}]
        await here.happens(said("m1", "hello @analyst", "guest-me"), cause=action["id"])
        await here.happens(said("m2", "hi there", "ann"))
        await here.shows("hi there")
        # The server's copy of the reader's own words carries the cause of the action that the reader sent.
        assert here.shown().count("you: hello @analyst\n") == 1


async def test_a_line_is_settled_when_the_run_that_it_started_has_ended() -> None:
    async with scene() as here:
        here.chat.enter("hello")
        settled = asyncio.create_task(here.chat.settled())
        action = await here.desk.hears("send")
        await here.acks(action, result={"run": "r1"})
        await here.happens({"event": "run.started", "run": "r1", "team": "demo"})
        await here.happens(said("m9", "a word"))
        await here.shows("a word")
        assert not settled.done()
        await here.happens({"event": "run.finished", "run": "r1", "outcome": "success"})
        async with asyncio.timeout(5):
            await settled


async def test_an_open_question_is_answered_by_the_next_line() -> None:
    async with scene() as here:
        await here.happens({**QUESTION, "message": "Send it?", "response_schema": APPROVE})
        await here.shows("? writer asks: Send it?")
        assert here.chat.prompt() == "approved [y/n] > "
        here.chat.enter("perhaps")
        assert "type y or n" in here.shown()
        here.chat.enter("y")
        action = await here.desk.hears("resolve")
        assert (action["interrupt"], action["status"], action["value"]) == ("i1", "resolved", {"approved": True})
        assert here.chat.prompt() == "> "
        resolved = {"event": "interrupt.resolved", "interrupt": "i1", "status": "resolved", "by": "guest-me"}
        await here.happens({**resolved, "value": {"approved": True}}, cause=action["id"])
        await here.shows("you answered writer's question: yes")


async def test_a_question_of_several_fields_is_asked_one_by_one() -> None:
    schema = {"type": "object", "properties": {"to": {"type": "string"}, "days": {"type": "integer"}}}
    async with scene() as here:
        await here.happens({**QUESTION, "response_schema": schema})
        await here.shows("writer asks")
        assert here.chat.prompt() == "to > "
        here.chat.enter("Rome")
        assert here.chat.prompt() == "days > "
        here.chat.enter("3")
        assert (await here.desk.hears("resolve"))["value"] == {"to": "Rome", "days": 3}


async def test_a_question_that_someone_else_answers_is_not_asked_any_more() -> None:
    async with scene() as here:
        await here.happens(QUESTION)
        await here.shows("writer asks")
        await here.happens({"event": "interrupt.resolved", "interrupt": "i1", "status": "resolved", "by": "ann"})
        await here.shows("ann answered writer's question")
        here.chat.enter("y")
        assert (await here.desk.hears("send"))["parts"][0]["text"] == "y"


async def test_a_question_can_be_declined() -> None:
    async with scene() as here:
        await here.happens(QUESTION)
        await here.shows("writer asks")
        here.chat.enter("/skip")
        assert (await here.desk.hears("resolve"))["status"] == "cancelled"
        here.chat.enter("/skip")
        assert "no question is open" in here.shown()


async def test_ctrl_c_stops_the_run_first_and_leaves_when_pressed_again() -> None:
    async with scene() as here:
        await here.happens({"event": "run.started", "run": "r1", "team": "demo"}, said("m1", "on it"))
        await here.shows("on it")
        here.chat.stop()
        assert await here.desk.hears("cancel")
        assert not here.chat.left
        here.chat.stop()
        assert here.chat.left


async def test_ctrl_c_in_a_quiet_room_warns_before_it_leaves() -> None:
    async with scene() as here:
        here.chat.stop()
        assert not here.chat.left
        here.chat.enter("still here")
        here.chat.stop()
        assert not here.chat.left
        here.chat.stop()
        assert here.chat.left


async def test_a_lost_connection_is_told_of_once_and_so_is_its_return() -> None:
    async with scene() as here:
        here.desk.vanishes()
        (await here.house.next_client()).vanishes()
        await (await here.house.next_client()).lets_in(subscribed(3, recovered=[]))
        await here.shows("back")
        assert here.shown().count("connection lost, reconnecting…") == 1
        assert here.shown().count("agents: host") == 1


async def test_what_is_typed_while_away_is_sent_on_return() -> None:
    async with scene() as here:
        here.desk.vanishes()
        await here.shows("reconnecting")
        here.chat.enter("are you there")
        desk = await here.house.next_client()
        await desk.lets_in(subscribed(3, recovered=[]))
        assert (await desk.hears("send"))["parts"][0]["text"] == "are you there"


async def test_runs_that_ended_with_their_server_are_not_waited_for() -> None:
    async with scene() as here:
        here.chat.enter("hello")
        await here.acks(await here.desk.hears("send"), result={"run": "r1"})
        settled = asyncio.create_task(here.chat.settled())
        await here.happens({"event": "run.started", "run": "r1", "team": "demo"})
        here.desk.vanishes()
        await (await here.house.next_client()).lets_in(subscribed(1, epoch="e2"))
        async with asyncio.timeout(5):
            await settled
        assert "started afresh" in here.shown()


async def test_commands_do_what_they_say() -> None:
    async with scene() as here:
        here.chat.enter("/who")
        here.chat.enter("/agents")
        here.chat.enter("/help")
        assert "in the room: you" in here.shown()
        assert "@host (host)    (has the floor)" in here.shown()
        assert "/next AGENT" in here.shown()
        here.chat.enter("/next @analyst")
        assert (await here.desk.hears("next_speaker"))["agent"] == "analyst"
        here.chat.enter("/fork lab-2")
        fork = await here.desk.hears("fork")
        assert (fork["at"], fork["new_room"]) == (3, "lab-2")
        here.chat.enter("/fork no good name")
        assert "a room's name" in here.shown()
        here.chat.enter("/dance")
        assert "/help lists them" in here.shown()
        here.chat.enter("/quit")
        assert here.chat.left


async def test_a_refusal_is_shown_in_the_servers_words() -> None:
    async with scene() as here:
        here.chat.enter("/next nobody")
        id = (await here.desk.hears("next_speaker"))["id"]
        error = {"code": "bad_request", "message": "there is no agent 'nobody' here", "retryable": False}
        await here.desk.says(text({**error, "fatal": False, "reply_to": id}, "error"))
        await here.shows("✗ there is no agent 'nobody' here")


async def test_a_message_that_is_too_long_is_not_sent() -> None:
    async with scene() as here:
        here.chat.enter("x" * 40_000)
        assert "too long" in here.shown()
        assert here.chat.link.unanswered == 0


async def test_lines_from_a_pipe_take_turns() -> None:
    async with scene() as here:
        talk = asyncio.create_task(pipe.converse(here.chat, io.StringIO("one\ntwo\n")))
        for number, words in enumerate(("one", "two"), 1):
            action = await here.desk.hears("send")
            assert action["parts"][0]["text"] == words
            await here.acks(action, result={"run": f"r{number}"})
            await here.happens({"event": "run.started", "run": f"r{number}", "team": "demo"})
            await here.happens({"event": "run.finished", "run": f"r{number}", "outcome": "success"})
        async with asyncio.timeout(5):
            assert await talk == 0


async def test_a_pipe_that_ends_before_a_question_is_answered_says_so() -> None:
    async with scene() as here:
        talk = asyncio.create_task(pipe.converse(here.chat, io.StringIO("write\n")))
        await here.acks(await here.desk.hears("send"), result={"run": "r1"})
        await here.happens({"event": "run.started", "run": "r1", "team": "demo"}, QUESTION)
        async with asyncio.timeout(5):
            assert await talk == 1
        assert "a question waits for an answer" in here.shown()


@pytest.mark.parametrize("line", ["", "   \n"])
async def test_an_empty_line_says_nothing(line: str) -> None:
    async with scene() as here:
        before = here.shown()
        here.chat.enter(line)
        assert here.shown() == before
        assert here.chat.link.unanswered == 0
