"""Hooks and prompts of an agent in real turns: when they are called, what they may change, and what they may refuse."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from salon import Context, Refused, Skill, current_agent_context, get_server_context, hook, prompt, tool
from salon.agents.compiled import firing
from salon.agents.hooks import EVENTS
from salon.chat.team import Team
from salon.contracts.actions import Cancel
from salon.contracts.events import AgentStatus, Custom, MsgDelta, MsgDone, ToolDone, TurnFinished, TurnStarted
from salon.contracts.runs import Principal
from salon.errors import SalonError
from tests.unit.chat.stand import Stand, agent
from tests.unit.rooms.stage import ALICE

OWNER = Principal("olga", scopes=frozenset({"owner"}))


def hooked(event: str, act: Callable[[Context], Any], *, priority: int = 50, scope: str | None = None) -> Skill:
    """A skill with one hook."""

    class Hooked(Skill):
        @hook(event, priority=priority, scope=scope)
        async def call(self, context: Context) -> Any:
            return act(context)

    return Hooked()


def alone(*turns: dict[str, Any], **fields: Any) -> Stand:
    return Stand(Team("clerk", [agent("clerk", *turns, **fields)]))


@tool
def lookup(word: str) -> str:
    """Look a word up."""
    return f"{word}: a word"


@pytest.mark.requirement("S1-33", "S1-43", "S1-48")
async def test_every_event_comes_in_its_place_and_the_lowest_priority_first() -> None:
    seen: list[str] = []

    def noting(event: str, priority: int) -> Skill:
        return hooked(event, lambda context: seen.append(f"{event}{priority}"), priority=priority)

    skills = {f"{event}-{priority}": noting(event, priority) for event in EVENTS for priority in (90, 10)}
    turns: list[dict[str, Any]] = [{"call": "lookup", "args": {"word": "tea"}}, {"say": "Tea."}]
    stand = alone(*turns, tools=[lookup], skills=skills)
    assert (await stand.say("Hello")).outcome == "success"
    calls = [name.removesuffix("10") for name in seen if name.endswith("10")]
    assert list(dict.fromkeys(calls)) == [
        "on_connection", "on_message", "on_request", "before_llm", "after_llm", "on_toolcall", "after_tool", "on_chunk",
        "on_response", "finalize_connection",
    ]  # fmt: skip
    assert calls.count("before_llm") == calls.count("after_llm") == 2
    assert all(seen.index(f"{event}10") < seen.index(f"{event}90") for event in calls)


async def test_a_second_run_is_a_new_connection_and_a_turn_after_a_hand_off_back_is_not() -> None:
    seen: list[str] = []

    def noting(event: str) -> Skill:
        return hooked(event, lambda _: seen.append(event))

    skills = {event: noting(event) for event in ("on_connection", "on_message")}
    host = agent("host", {"handoff": "guide", "reason": "x"}, {"say": "Back."}, {"say": "Again."}, skills=skills)
    stand = Stand(Team("desk", [host, agent("guide", {"handoff": "host", "reason": "y"})]))
    await stand.say("Hello")
    assert seen == ["on_connection", "on_message", "on_message"]
    await stand.say("Hello again")
    assert seen[3:] == ["on_connection", "on_message"]


async def test_what_a_hook_notes_the_tools_of_the_run_know_and_those_of_the_next_do_not() -> None:
    class Noting(Skill):
        @hook("on_connection")
        async def note(self, context: Context) -> Context:
            context.set("seen", [*(context.get("seen", [])), context.data["text"]])  # type: ignore[misc]
            return context

        @tool
        def tell(self, context: Context) -> object:
            """Tell what was noted."""
            return context.get("seen")

    stand = alone({"call": "tell"}, {"say": "1"}, {"call": "tell"}, {"say": "2"}, skills={"noting": Noting()})
    await stand.say("one")
    await stand.say("two")
    assert [done.output for done in stand.bodies(ToolDone)] == [["one"], ["two"]]


@pytest.mark.requirement("S1-49")
async def test_a_hook_with_a_scope_is_called_only_for_who_has_it() -> None:
    seen: list[str] = []
    skill = hooked("on_message", lambda context: seen.append(context.auth_scope), scope="owner")
    stand = alone({"say": "1"}, {"say": "2"}, skills={"s": skill})
    await stand.say("Hello")
    await stand.say("Hello", who=OWNER)
    assert seen == ["owner"]


@pytest.mark.parametrize("event", ["on_connection", "on_message", "on_request", "before_llm", "on_chunk"])
async def test_a_refusal_ends_the_turn_with_its_reason_and_code(event: str) -> None:
    def refuse(_: Context) -> None:
        raise Refused("That is not for here.", code="forbidden")

    failed: list[object] = []
    skills = {"no": hooked(event, refuse), "then": hooked("on_error", lambda context: failed.append(context.data))}
    stand = alone({"say": "Something."}, skills=skills)
    outcome = await stand.say("Hello")
    assert (outcome.outcome, outcome.error, outcome.reason) == ("error", "forbidden", "That is not for here.")
    assert failed == [{"code": "forbidden", "reason": "That is not for here."}]
    assert stand.texts() == [("alice", "Hello")], "nothing of it was said"
    assert stand.bodies(MsgDelta) == []


async def test_an_answer_that_is_refused_as_a_whole_stays_what_was_shown_of_it() -> None:
    def refuse(_: Context) -> None:
        raise Refused("Not that.")

    stand = alone({"say": "Something."}, skills={"no": hooked("after_llm", refuse)})
    assert (await stand.say("Hello")).reason == "Not that."
    assert [done.partial for done in stand.bodies(MsgDone) if done.author.id == "clerk"] == [True]


async def test_what_the_hooks_on_an_answer_add_at_its_end_is_a_last_piece_of_it() -> None:
    def add(context: Context) -> None:
        context.data["text"] = f"{context.data['text']} Bye."

    def hold(context: Context) -> None:
        context.data["text"] = str(context.data["text"]).removesuffix("now.")

    stand = alone(
        {"say": "That is all for now."}, skills={"a": hooked("after_llm", add), "h": hooked("on_chunk", hold)}
    )
    await stand.say("Hello")
    assert stand.texts()[-1] == ("clerk", "That is all for  Bye.")
    assert "".join(delta.text for delta in stand.bodies(MsgDelta)) == "That is all for  Bye."


async def test_an_ending_that_only_the_whole_answer_gets_is_streamed_too() -> None:
    def add(context: Context) -> None:
        context.data["text"] = f"{context.data['text']} Bye."

    stand = alone({"say": "That is all."}, skills={"a": hooked("after_llm", add)})
    await stand.say("Hello")
    assert stand.texts()[-1] == ("clerk", "That is all. Bye.")
    assert "".join(delta.text for delta in stand.bodies(MsgDelta)) == "That is all. Bye."


async def test_a_refused_call_is_answered_as_refused_and_not_made() -> None:
    made: list[str] = []

    def refuse(context: Context) -> None:
        if context.data["arguments"] == {"word": "secret"}:
            raise Refused("not that word")

    @tool
    def search(word: str) -> str:
        """Search for a word."""
        made.append(word)
        return word

    turns: list[dict[str, Any]] = [
        {"calls": [{"name": "search", "args": {"word": word}} for word in ("secret", "tea")]},
        {"say": "Done."},
    ]
    stand = alone(*turns, tools=[search], skills={"no": hooked("on_toolcall", refuse)})
    assert (await stand.say("Hello")).outcome == "success"
    assert made == ["tea"]
    results = sorted((done.ok, str(done.output)) for done in stand.bodies(ToolDone))
    assert results == [(False, "Refused: not that word"), (True, "tea")]


async def test_arguments_results_words_and_answers_are_as_the_hooks_leave_them() -> None:
    def change(**values: object) -> Callable[[Context], None]:
        return lambda context: context.data.update(values)

    skills = {
        "arguments": hooked("on_toolcall", change(arguments={"word": "coffee"})),
        "result": hooked("after_tool", lambda context: context.data.update(result=str(context.data["result"]).upper())),
        "answer": hooked("after_llm", lambda context: context.data.update(text=str(context.data["text"]) + "!")),
    }
    turns: list[dict[str, Any]] = [{"call": "lookup", "args": {"word": "tea"}}, {"say": "I found {result}"}]
    stand = alone(*turns, tools=[lookup], skills=skills)
    await stand.say("Hello")
    assert [done.output for done in stand.bodies(ToolDone)] == ["COFFEE: A WORD"]
    assert stand.texts()[-1][1].endswith("COFFEE: A WORD!")


async def test_pieces_are_as_the_hooks_leave_them_and_the_whole_answer_is_made_of_them() -> None:
    def mask(context: Context) -> None:
        context.data["text"] = str(context.data["text"]).replace("secret", "******")

    stand = alone({"say": "The secret is secret."}, skills={"mask": hooked("on_chunk", mask)})
    await stand.say("Hello")
    assert "secret" not in "".join(delta.text for delta in stand.bodies(MsgDelta))
    assert stand.texts()[-1] == ("clerk", "The ****** is ******.")


async def test_what_people_said_reaches_the_model_as_the_hooks_leave_it() -> None:
    def mask(context: Context) -> None:
        for message in context.data["messages"]:  # type: ignore[attr-defined]
            if message["role"] == "user":
                message["content"] = message["content"].replace("4711", "****")

    stand = alone({"say": "You said: {request}"}, skills={"mask": hooked("before_llm", mask)})
    await stand.say("My code is 4711")
    assert stand.texts()[-1][1] == "You said: My code is ****"
    assert stand.texts()[0][1] == "My code is 4711", "the log keeps what was said"


async def test_a_hook_that_fails_is_no_reason_to_stop_but_nobody_gets_past_a_failed_on_connection() -> None:
    def broken(_: Context) -> None:
        raise KeyError("the password is hunter2")

    going_on = alone({"say": "Fine."}, skills={"x": hooked("on_message", broken)})
    assert (await going_on.say("Hello")).outcome == "success"
    closed = alone({"say": "Fine."}, skills={"x": hooked("on_connection", broken)})
    outcome = await closed.say("Hello")
    assert (outcome.outcome, outcome.error) == ("error", "agent_error")
    assert "hunter2" not in str(outcome.reason)
    assert "err_" in str(outcome.reason)


async def test_finalize_is_called_however_the_run_ends() -> None:
    outcomes: list[object] = []
    waiting = asyncio.Event()
    over = asyncio.Event()

    def finalize(context: Context) -> None:
        outcomes.append(context.data["outcome"])
        if len(outcomes) == 3:
            over.set()

    skill = hooked("finalize_connection", finalize)

    async def wait() -> str:
        waiting.set()
        await asyncio.Event().wait()
        return ""

    turns: list[dict[str, Any]] = [{"say": "1"}, {"fail": "unavailable"}, {"call": "wait"}]
    stand = alone(*turns, tools=[tool(wait)], skills={"s": skill})
    await stand.say("Hello")
    await stand.say("Hello")
    hanging = asyncio.create_task(stand.say("Hello"))
    async with asyncio.timeout(5):
        await waiting.wait()
        await (await stand.room()).act(ALICE, Cancel(kind="cancel", id="stop", room="r"))
        await hanging
        await over.wait()
    assert outcomes == ["success", "error", "cancelled"]


async def test_a_sync_hook_runs_off_the_loop_and_knows_its_request() -> None:
    loops: list[str] = []

    class Sync(Skill):
        @hook("on_message")
        def look(self, context: Context) -> None:
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                loops.append(current_agent_context().user)

    await alone({"say": "1"}, skills={"sync": Sync()}).say("Hello")
    assert loops == ["alice"]


async def test_prompts_are_added_to_the_instructions_of_the_turn_for_whom_they_are_meant() -> None:
    class Telling(Skill):
        @prompt(priority=60)
        async def last(self, context: Context) -> str:
            return f"You talk to {context.user}."

        @prompt
        def first(self, context: Context) -> str:
            return "Be brief."

        @prompt(scope="owner")
        def secret(self, context: Context) -> str:
            return "Owners may know all."

        @prompt
        def broken(self, context: Context) -> str:
            raise KeyError

    made = agent("clerk", {"say": "1"}, skills={"telling": Telling()})
    prompts: list[list[str]] = []

    class Watching(Skill):
        @hook("before_llm")
        async def watch(self, context: Context) -> None:
            prompts.append([str(m["content"]) for m in context.data["messages"] if m["role"] == "system"])  # type: ignore[attr-defined]

    made.kit.add_skill("watching", Watching())
    stand = Stand(Team("clerk", [made]))
    await stand.say("Hello")
    assert prompts == [["You are clerk.", "Be brief.", "You talk to alice."]]


@pytest.mark.requirement("S1-34")
async def test_two_concurrent_requests_never_see_each_others_context() -> None:
    both = asyncio.Barrier(2)
    seen: dict[str, list[object]] = {}

    class Meeting(Skill):
        @hook("on_connection")
        async def note(self, context: Context) -> None:
            context.set("mine", context.user)
            await both.wait()

        @tool
        async def meet(self, context: Context) -> str:
            """Meet."""
            await both.wait()
            here = current_agent_context()
            seen[context.user] = [
                here.user,
                here.get("mine"),
                await asyncio.to_thread(lambda: current_agent_context().user),
            ]
            here.track_usage(len(context.user), "meeting")
            await both.wait()
            return str(here.get_usage()["total_credits"])

    made = agent("clerk", {"call": "meet"}, {"say": "{result}"}, skills={"m": Meeting()}, credits_per_token=0)
    async with asyncio.timeout(10):
        results = await asyncio.gather(*(made.run("Hello", user_id=user) for user in ("ann", "berta")))
    assert seen == {user: [user, user, user] for user in ("ann", "berta")}
    assert [str(result) for result in results] == ["3", "5"]
    assert get_server_context() is None, "outside of a request there is none"


async def test_a_skill_that_cannot_get_ready_ends_the_turn_and_the_next_one_tries_again() -> None:
    tries: list[int] = []

    class Shaky(Skill):
        async def initialize(self, agent: Any) -> None:
            tries.append(1)
            if len(tries) == 1:
                raise ConnectionError("no database")

    stand = alone({"say": "Ready."}, skills={"shaky": Shaky()})
    assert (await stand.say("Hello")).error == "agent_error"
    assert (await stand.say("Hello")).outcome == "success"
    assert stand.texts()[-1] == ("clerk", "Ready.")
    assert [turn.outcome for turn in stand.bodies(TurnFinished)] == ["error", "success"]
    assert len(stand.bodies(TurnStarted)) == 2
    assert stand.bodies(AgentStatus)[-1].status == "idle"


@pytest.mark.requirement("S1-38")
async def test_a_hand_off_of_a_skill_asks_somebody_else_and_goes_on_with_the_answer() -> None:
    from salon import HandoffResult, handoff

    told: list[object] = []

    class Coordinating(Skill):
        @handoff(handoff_type="agent", scope=["owner"])
        async def delegate(self, task: str, context: Context | None = None) -> HandoffResult:
            """Delegate a task to a specialist."""
            assert context is not None
            context.track_usage(10, "Delegation")
            return HandoffResult(result=f"done: {task}", handoff_type="agent")

        @hook("on_handoff")
        async def watch(self, context: Context) -> None:
            told.append(dict(context.data))

    turns: list[dict[str, Any]] = [{"call": "delegate", "args": {"task": "login"}}, {"say": "It is {result}"}]
    stand = alone(*turns, skills={"c": Coordinating()}, credits_per_token=0)
    outcome = await stand.say("Build it", who=OWNER)
    assert stand.texts()[-1][1] == "It is done: login"
    assert told == [{"target": "delegate", "reason": ""}]
    (event,) = stand.bodies(Custom)
    assert (event.name, event.value) == ("handoff", {"tool": "delegate", "kind": "agent", "agent": "clerk"})
    assert [(charge.credits, charge.reason) for charge in outcome.charges] == [(10, "Delegation")]


async def test_a_hand_off_of_the_floor_may_be_refused_by_a_hook() -> None:
    def refuse(context: Context) -> None:
        raise Refused(f"{context.data['target']} is at lunch")

    host = agent(
        "host",
        {"handoff": "guide", "reason": "x"},
        {"say": "Then I answer."},
        skills={"r": hooked("on_handoff", refuse)},
    )
    stand = Stand(Team("desk", [host, agent("guide", {"say": "Hi."})]))
    await stand.say("Hello")
    assert stand.texts()[-1] == ("host", "Then I answer.")


async def test_each_hook_at_the_end_is_called_whatever_the_others_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firing, "FAREWELL", 0.05)
    ended: list[object] = []
    waiting = asyncio.Event()
    over = asyncio.Event()

    def refuse(_: Context) -> None:
        raise Refused("No.")

    def leave(_: Context) -> None:
        raise SystemExit

    def last(context: Context) -> None:
        ended.append(context.data["outcome"])
        over.set()

    class Hanging(Skill):
        @hook("finalize_connection")
        async def hang(self, context: Context) -> None:
            await asyncio.Event().wait()

        @hook("finalize_connection")
        def tell_a_run_that_is_over(self, context: Context) -> None:
            context.emit("bye", {})

    async def wait() -> None:
        waiting.set()
        await asyncio.Event().wait()

    skills = {
        "emit": hooked("finalize_connection", lambda context: context.emit("bye", {})),
        "clear": hooked("finalize_connection", lambda context: context.data.clear()),
        "refuse": hooked("finalize_connection", refuse),
        "leave": hooked("finalize_connection", leave),
        "hang": Hanging(),
        "last": hooked("finalize_connection", last, priority=90),
    }
    stand = alone({"call": "wait"}, tools=[tool(wait)], skills=skills)
    hanging = asyncio.create_task(stand.say("Hello"))
    async with asyncio.timeout(5):
        await waiting.wait()
        await (await stand.room()).act(ALICE, Cancel(kind="cancel", id="stop", room="r"))
        await hanging
        await over.wait()
    assert ended == ["cancelled"]


@pytest.mark.parametrize("left", [{"result": object(), "arguments": object(), "messages": object()}, None, "text"])
@pytest.mark.parametrize("event", ["before_llm", "on_toolcall", "after_tool", "after_llm", "on_chunk", "on_response"])
async def test_whatever_a_hook_leaves_no_traceback_reaches_the_model(event: str, left: object) -> None:
    def spoil(context: Context) -> None:
        context.data = {**context.data, **left} if isinstance(left, dict) else left  # type: ignore[assignment]

    turns: list[dict[str, Any]] = [{"call": "lookup", "args": {"word": "tea"}}, {"say": "It is {result}"}]
    stand = alone(*turns, tools=[lookup], skills={"s": hooked(event, spoil)})
    assert (await stand.say("Hello")).outcome == "success"
    assert stand.texts()[-1][1] in ("It is tea: a word", "It is Error: lookup failed: TypeError")


async def test_a_hand_off_is_refused_by_any_error_that_is_meant_to_be_told() -> None:
    def refuse(_: Context) -> None:
        raise SalonError("unavailable", "the guide's line is down")

    host = agent(
        "host", {"handoff": "guide", "reason": "x"}, {"say": "{result}"}, skills={"r": hooked("on_handoff", refuse)}
    )
    stand = Stand(Team("desk", [host, agent("guide", {"say": "Hi."})]))
    await stand.say("Hello")
    assert stand.texts()[-1] == ("host", "Refused: the guide's line is down")
