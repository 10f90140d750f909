"""The main job, on a real server with real clients: people and a team of agents in a room."""

import json
import random
from pathlib import Path

import openai
import pytest
from jsonschema import Draft202012Validator

from salon import Agent, Settings, Team, create_app, tool
from tests.e2e.live import clients, kind, serving
from tests.fakes.vendor import FakeVendor, Hang, Scripted, answer, call, chunk

SCHEMA = json.loads(Path("ui-contracts/schema/wire.schema.json").read_text())


def server_frames() -> Draft202012Validator:
    return Draft202012Validator({**SCHEMA, "$ref": "#/$defs/ServerFrame"})


@tool
def stock(product: str) -> str:
    """How many pieces of a product are in stock."""
    return f"12 pieces of {product}"


def shop(model: str | None = None, api_key: str | None = None, base_url: str | None = None) -> Team:
    clerk = Agent(
        "clerk",
        "You look up what is in stock.",
        tools=[stock],
        model=model,
        intents=["stock"],
        api_key=api_key,
        base_url=base_url,
    )
    host = Agent("host", "You greet customers and pass them on.", model=model, api_key=api_key, base_url=base_url)
    return Team("shop", [host, clerk])


@pytest.mark.requirement("M-01", "M-05", "S4-04", "S4-17")
async def test_two_sockets_and_one_openai_client_share_a_room(settings: Settings) -> None:
    async with serving(create_app(settings)) as address, clients(address, "default", 2) as (one, two):
        action = await one.say("Please compare the revenue of the last four quarters in a chart")
        assert (await one.ack(action))["seq"] == one.subscribed["position"]["seq"] + 1
        await one.until_event("run.finished")
        await two.until_event("run.finished")
        assert one.entries == two.entries
        assert one.bodies("agent.handoff")[0]["reason"]
        assert [turn["source"] for turn in one.bodies("turn.started")] == ["mock"] * len(one.bodies("turn.started"))
        assert one.bodies("turn.started")[0]["chosen"]["rule"] == "host"
        assert one.bodies("ui.put")
        assert [s["status"] for s in one.bodies("agent.status")][:2] == ["thinking", "idle"]
        program = openai.AsyncOpenAI(base_url=f"http://{address}/v1", api_key="none")
        completion = await program.chat.completions.create(
            model="room:default", messages=[{"role": "user", "content": "Write two lines about the sea"}]
        )
        spoken = completion.choices[0].message.content
        assert spoken
        await two.until_event("run.finished", 2)
        assert any(text and text in spoken for _, text in two.texts()[2:])
        await one.until_event("run.finished", 2)
        assert one.entries == two.entries
        validator = server_frames()
        for frame in (*one.frames, *two.frames):
            validator.validate(frame)
        assert {frame["type"] for frame in one.frames} >= {"state_update", "action"}
        await program.close()


@pytest.mark.parametrize("window", [500, 3], ids=["from the window", "often from a snapshot"])
async def test_a_client_cut_off_at_fifty_random_points_ends_with_the_same_state(window: int) -> None:
    settings = Settings(host="127.0.0.1", port=0, mock_pace=0.001, recover_events=window)
    dice = random.Random(7)
    async with serving(create_app(settings)) as address, clients(address, "cuts", 2) as (steady, cut):
        cuts, said = 0, 0
        while cuts < 50:
            said += 1
            await steady.say(f"Tell me something longer about topic number {said}")
            while len(steady.bodies("run.finished")) < said:
                await steady.read()
                if cuts < 50 and dice.random() < 0.2:
                    cuts += 1
                    cut.cut()
                    await cut.open(recover=True)
        while cut.last < steady.last:
            await cut.read()
        snapshots = sum(frame["payload"].get("recovered") is False for frame in cut.frames)
        if window == 500:
            assert cut.entries == steady.entries
            assert snapshots == 1
        else:
            assert snapshots > 10
        async with clients(address, "cuts", 1) as (fresh,):
            assert fresh.snapshot is not None
            assert cut.messages() == steady.messages() == fresh.snapshot["messages"]
            assert len(cut.messages()) == 2 * said


async def test_a_team_in_fifteen_lines_runs_on_the_mock_without_a_script(settings: Settings) -> None:
    app = create_app(settings, teams=[shop()])
    async with serving(app) as address, clients(address, "default", 1) as (client,):
        await client.say("How many pieces of tea are in stock?")
        await client.until_event("run.finished")
        assert client.bodies("agent.handoff")[0]["target"] == "clerk"
        assert client.bodies("tool.ready")[0]["name"] == "stock"
        assert "12 pieces" in client.texts()[-1][1]


async def test_the_same_team_runs_on_a_vendor(settings: Settings) -> None:
    async with FakeVendor() as vendor:
        vendor.script(
            call("transfer_to_clerk", {"reason": "stock"}), call("stock", {"product": "tea"}), answer("We have 12.")
        )
        team = shop("openai/gpt-4o", api_key="sk-real-looking-key-000", base_url=vendor.base_url)
        async with serving(create_app(settings, teams=[team])) as address, clients(address, "default", 1) as (client,):
            assert client.welcome["mode"] == "live"
            await client.say("How many pieces of tea are in stock?")
            await client.until_event("run.finished")
            assert client.texts()[-1] == ("clerk", "We have 12.")
            assert {turn["source"] for turn in client.bodies("turn.started")} == {"model"}
        assert "sk-real-looking-key-000" not in json.dumps(client.frames)


async def test_cancel_closes_the_vendors_connection_at_once(settings: Settings) -> None:
    async with FakeVendor() as vendor:
        vendor.script(Scripted([chunk({"content": "Well, "}), Hang()]), answer("Yes?"))
        team = Team(
            "one", [Agent("host", "You talk.", model="openai/gpt-4o", api_key="sk-x1y2z3", base_url=vendor.base_url)]
        )
        async with serving(create_app(settings, teams=[team])) as address, clients(address, "default", 1) as (client,):
            await client.say("Talk to me")
            await client.until_event("message.delta")
            assert vendor.connections_open == 1
            await client.send("cancel", room="default")
            await vendor.all_closed()
            assert vendor.connections_open == 0
            end = await client.until_event("run.finished")
            assert end["outcome"] == "cancelled"
            assert client.bodies("message.done")[-1]["partial"] is True
            await client.say("Still there?")
            await client.until_event("run.finished", 2)
            assert client.texts()[-1] == ("host", "Yes?")


@pytest.mark.requirement("H-06")
async def test_a_run_outlives_the_socket_that_started_it() -> None:
    settings = Settings(host="127.0.0.1", port=0, mock_pace=0.002)
    async with serving(create_app(settings)) as address, clients(address, "default", 2) as (one, two):
        await one.say("Tell me something longer about the sea")
        await one.until_event("message.delta")
        one.cut()
        end = await two.until_event("run.finished")
        assert end["outcome"] == "success"


@pytest.mark.requirement("S4-34")
async def test_a_slow_agent_delays_neither_pings_nor_other_rooms(settings: Settings) -> None:
    async with FakeVendor() as vendor:
        vendor.script(Scripted([Hang()]))
        slow = Agent("slow", "You are slow.", model="openai/gpt-4o", api_key="sk-x1y2z3", base_url=vendor.base_url)
        quick = Agent("quick", "You are quick.", model="mock")
        app = create_app(settings, teams=[Team("pair", [slow, quick])])
        async with (
            serving(app) as address,
            clients(address, "slow-room", 1) as (waiting,),
            clients(address, "other", 1) as (other,),
        ):
            await waiting.say("@slow take your time")
            await waiting.until_event("turn.started")
            await other.say("@quick hello")
            await other.until_event("run.finished")
            assert waiting.ws is not None
            await waiting.ws.send('{"type":"ping"}')
            await waiting.until(lambda frame: frame["type"] == "pong")
            assert not waiting.bodies("run.finished")
            await waiting.send("cancel", room="slow-room")
            await waiting.until_event("run.finished")


async def test_an_approval_survives_a_reload_and_is_answered_once(settings: Settings) -> None:
    async with serving(create_app(settings)) as address, clients(address, "mail", 2) as (asker, other):
        await asker.say("@writer please send an email to bob@example.com saying the sea is calm")
        await asker.until_event("interrupt.opened")
        asker.cut()
        asker.last = 0
        await asker.open()
        assert asker.snapshot is not None
        question = asker.snapshot["interrupts"][0]
        first = await other.send(
            "resolve", room="mail", interrupt=question["interrupt"], status="resolved", value={"approved": True}
        )
        second = await asker.send(
            "resolve", room="mail", interrupt=question["interrupt"], status="resolved", value={"approved": False}
        )
        acks = [await other.ack(first), await asker.ack(second)]
        assert sorted(ack["kind"] if "kind" in ack else ack["code"] for ack in acks) == ["ack", "already_resolved"]
        await other.until_event("run.finished")
        resolved = other.bodies("interrupt.resolved")[0]
        assert resolved["by"] in {asker.welcome["user"], other.welcome["user"]}


async def test_a_room_is_forked_in_mid_run_and_both_go_on(settings: Settings) -> None:
    async with serving(create_app(settings)) as address, clients(address, "trunk", 1) as (client,):
        await client.say("hello")
        await client.until_event("run.finished")
        fork = await client.send("fork", room="trunk", at=client.last, new_room="branch")
        assert (await client.ack(fork))["result"] == {"room": "branch"}
        async with clients(address, "branch", 1) as (branch,):
            assert branch.snapshot is not None
            assert len(branch.snapshot["messages"]) == 2
            await branch.say("and here?")
            await branch.until_event("run.finished")
        await client.say("and there?")
        await client.until_event("run.finished", 2)


async def test_the_zero_handshake_client_gets_the_state_first(settings: Settings) -> None:
    import websockets

    async with serving(create_app(settings)) as address, websockets.connect(f"ws://{address}/ws/agent") as raw:
        await raw.send('{"type":"action","payload":{"message":"hi"}}')
        first = json.loads(await raw.recv())
        assert kind("subscribed")(first)
