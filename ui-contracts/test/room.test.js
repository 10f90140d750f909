/** What a room client does beside keeping up with the log, against a server that is played. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { ErrorAnswer, LinkRefused, RoomClient } from "@salon/ui-contracts/client";
import { Desk } from "../vectors/desk.js";

const { defaults } = JSON.parse(readFileSync(new URL("../vectors/conversations.json", import.meta.url), "utf8"));
const bounded = { timeout: 5000 };

let desk;
let room;
beforeEach(() => {
    desk = new Desk(defaults);
});
afterEach(() => room.close());

async function joined(options = {}, snapshot = {}) {
    room = new RoomClient({ url: "ws://server", room: "lab", WebSocket: desk.WebSocket, backoff: () => 0, ...options });
    const hello = await desk.hears({ kind: "connect" });
    desk.says({ kind: "welcome" });
    await desk.hears({ kind: "subscribe" });
    desk.says({ kind: "subscribed", snapshot });
    await room.ready;
    return hello;
}

function entry(seq, event, body, cause) {
    return { seq, at: 1, ...(cause && { cause }), body: { event, ...body } };
}

function called(call, more = {}) {
    return {
        call,
        name: "where",
        args: { precise: true },
        where: "client",
        assignee: "guest-me",
        agent: "host",
        ...more,
    };
}

test("it says who it is and what it can do", bounded, async () => {
    const tools = { where: { description: "Where the person is.", parameters: { type: "object" }, run: () => null } };
    const hello = await joined({
        name: "Bo",
        session: "s1",
        token: async () => "t1",
        components: ["chart"],
        catalogs: ["mine"],
        tools,
    });
    const { id, ...rest } = hello;
    assert.deepEqual(rest, {
        kind: "connect",
        versions: ["1"],
        name: "Bo",
        session: "s1",
        token: "t1",
        components: ["chart"],
        catalogs: ["mine"],
        tools: [{ name: "where", description: "Where the person is.", parameters: { type: "object" } }],
    });
    assert.match(id, /^[A-Za-z0-9][A-Za-z0-9._:@/-]*$/);
});

test("a call of its tool that its own words led to is run, once, and answered", bounded, async () => {
    const runs = [];
    await joined({
        tools: { where: { run: (args, { id, agent }) => (runs.push([args, id, agent]), { city: "Basel" }) } },
    });
    const said = room.send("Where am I?");
    const { id } = await desk.hears({ kind: "send" });
    desk.says({ kind: "ack", reply_to: id, seq: 4 });
    await said;
    desk.says({ kind: "events", entries: [4, entry(5, "tool.ready", called("c1"), id)] });
    const answer = await desk.hears({ kind: "tool_result", call: "c1", ok: true, output: { city: "Basel" } });
    desk.says({ kind: "events", entries: [6] });
    desk.says({ kind: "ack", reply_to: answer.id, seq: 7 });
    assert.deepEqual(runs, [[{ precise: true }, "c1", "host"]]);
});

test("a call that another window's words led to is left to it", bounded, async () => {
    const runs = [];
    await joined({ tools: { where: { run: () => runs.push(1) } } });
    desk.says({ kind: "events", entries: [entry(4, "tool.ready", called("c1"), "c_other.1")] });
    await Promise.resolve();
    assert.deepEqual(runs, []);
});

test("a call that waits when the room is entered is run, and what a tool throws is told", bounded, async () => {
    const fails = { run: () => Promise.reject(new Error("no signal")) };
    await joined({ tools: { where: fails } }, { calls: [{ event: "tool.ready", ...called("c1") }] });
    await desk.hears({ kind: "tool_result", call: "c1", ok: false, output: "no signal" });
});

test("a result that cannot be sent is told as a failure", bounded, async () => {
    const tools = { large: { run: () => "x".repeat(70_000) }, odd: { run: () => 1n } };
    const calls = [called("c1", { name: "large" }), called("c2", { name: "odd" })];
    await joined({ tools }, { calls: calls.map((call) => ({ event: "tool.ready", ...call })) });
    const heard = [
        await desk.hears({ kind: "tool_result", ok: false }),
        await desk.hears({ kind: "tool_result", ok: false }),
    ];
    assert.match(heard.find(({ call }) => call === "c1").output, /at most 65536 bytes/);
    assert.match(heard.find(({ call }) => call === "c2").output, /BigInt/);
});

test("a tool whose call is over is told to stop", bounded, async () => {
    let stopped;
    const waits = {
        run: (_, { signal }) => new Promise(() => signal.addEventListener("abort", () => (stopped = true))),
    };
    await joined({ tools: { where: waits } }, { calls: [{ event: "tool.ready", ...called("c1") }] });
    desk.says({ kind: "events", entries: [entry(4, "tool.done", { call: "c1", ok: false, output: "cancelled" })] });
    assert.equal(stopped, true);
});

test("what was said is shown at once, until the message is in the log", bounded, async () => {
    await joined();
    const said = room.send("Hello", { to: [], whenBusy: "reject", replyTo: "m0" });
    assert.deepEqual(
        room.view.pending.map(({ parts, to }) => [parts, to]),
        [[[{ kind: "text", text: "Hello" }], []]],
    );
    const { id } = await desk.hears({ kind: "send", to: [], when_busy: "reject", reply_to: "m0" });
    desk.says({ kind: "ack", reply_to: id, seq: 4 });
    await said;
    assert.deepEqual(
        room.view.pending.map(({ seq }) => seq),
        [4],
    );
    const views = [];
    room.subscribe(() => views.push([room.view.pending.length, room.state.messages.length]));
    const message = {
        message: "m1",
        author: { id: "guest-me", role: "user" },
        parts: [{ kind: "text", text: "Hello" }],
    };
    desk.says({ kind: "events", entries: [entry(4, "message.done", message, id)] });
    assert.deepEqual(views, [[0, 1]]);
});

test("what was said and is in the snapshot after a break is not shown twice", bounded, async () => {
    await joined();
    const said = room.send("Hello");
    const { id } = await desk.hears({ kind: "send" });
    desk.closes(1006);
    await desk.hears({ kind: "connect" });
    desk.says({ kind: "welcome" });
    await desk.hears({ kind: "subscribe" });
    desk.says({ kind: "subscribed", position: { epoch: "e1", seq: 900 }, snapshot: {} });
    await desk.hears({ kind: "send" });
    assert.equal(room.view.pending.length, 1);
    desk.says({ kind: "ack", reply_to: id, seq: 4, duplicate: true });
    await said;
    assert.deepEqual(room.view.pending, []);
});

test("what the room refuses is no longer shown, and says why", bounded, async () => {
    await joined();
    const said = room.send("Hello", { to: ["nobody"] });
    const { id } = await desk.hears({ kind: "send" });
    const details = [{ path: "/payload/to/0", code: "unknown_agent", message: "there is no agent 'nobody' here" }];
    desk.says({ kind: "error", code: "bad_request", message: "there is no such agent", reply_to: id, details });
    await assert.rejects(said, (error) => {
        assert.ok(error instanceof ErrorAnswer);
        assert.deepEqual(
            [error.code, error.message, error.retryable],
            ["bad_request", "there is no such agent", false],
        );
        assert.deepEqual(error.details, details);
        return true;
    });
    assert.deepEqual(room.view.pending, []);
});

test("what is too large for the server is refused here: the server could not say whose it was", bounded, async () => {
    await joined();
    await assert.rejects(room.send("☃".repeat(22_000)), { code: "too_large" });
    assert.deepEqual(room.view.pending, []);
});

test("half an emoji does not make a frame that nobody can read", bounded, async () => {
    await joined();
    room.send("cut \ud83d").catch(() => undefined);
    await desk.hears({ kind: "send", parts: [{ kind: "text", text: "cut \ufffd" }] });
});

test("more actions than the server takes at once wait for their turn", bounded, async () => {
    await joined();
    const answers = Array.from({ length: 40 }, (_, turn) => room.send(`said ${turn}`));
    for (let turn = 0; turn < 32; turn++) await desk.hears({ kind: "send" });
    assert.equal(desk.unheard, 0);
    room.close();
    for (const answer of answers) await assert.rejects(answer, LinkRefused);
    await assert.rejects(room.cancel(), LinkRefused);
});

test("who is there and who types is kept up to date", bounded, async () => {
    await joined();
    const ann = { client: "con_2", user: "ann", role: "user", name: "Ann" };
    desk.says({ kind: "ephemeral", room: "lab", joins: [ann], leaves: [], typing: ["con_2"], signals: {} });
    assert.deepEqual([...room.view.members.keys()], ["con_1", "con_2"]);
    assert.deepEqual(room.view.typing, ["con_2"]);
    desk.says({
        kind: "ephemeral",
        room: "lab",
        joins: [],
        leaves: [],
        typing: [],
        signals: { con_2: { status: "away", seen: 3 } },
    });
    assert.deepEqual(room.view.members.get("con_2"), { ...ann, status: "away", seen: 3 });
    desk.says({ kind: "ephemeral", room: "lab", joins: [], leaves: ["con_2"], typing: [], signals: {} });
    assert.deepEqual([...room.view.members.keys()], ["con_1"]);
});

test("typing is said once in a while, however often one presses a key", bounded, async () => {
    await joined();
    for (let key = 0; key < 5; key++) room.typing();
    room.typing(false);
    room.typing(false);
    await desk.hears({ kind: "signal", room: "lab", typing: true });
    await desk.hears({ kind: "signal", room: "lab", typing: false });
    assert.equal(desk.unheard, 0);
});

test("who has said something types no more", bounded, async () => {
    await joined();
    room.typing();
    room.send("Hello").catch(() => undefined);
    await desk.hears({ kind: "signal", typing: true });
    await desk.hears({ kind: "signal", typing: false });
    await desk.hears({ kind: "send" });
});

test("a listener that fails keeps nobody else from the news", bounded, async () => {
    await joined();
    const reported = new Promise((resolve) => process.setUncaughtExceptionCaptureCallback(resolve));
    const unsubscribe = room.subscribe(() => {
        unsubscribe();
        throw new Error("cannot show this");
    });
    const told = new Promise((resolve) => room.subscribe(({ entries }) => resolve(entries.length)));
    desk.says({ kind: "events", entries: [4, 5] });
    assert.equal(await told, 2);
    assert.equal((await reported).message, "cannot show this");
    process.setUncaughtExceptionCaptureCallback(null);
    assert.equal(room.state.seq, 5);
});

test("a device that is online again does not wait, nor trust its old connection", bounded, async () => {
    const online = new EventTarget();
    Object.assign(globalThis, {
        addEventListener: online.addEventListener.bind(online),
        removeEventListener: online.removeEventListener.bind(online),
    });
    try {
        await joined({ backoff: () => 1_000 });
        online.dispatchEvent(new Event("online"));
        assert.equal(room.status, "recovering");
        await desk.joined(3, false);
        assert.equal(room.status, "live");
        desk.closes(1006);
        online.dispatchEvent(new Event("online"));
        await desk.joined(3, false);
        assert.equal(room.status, "live");
    } finally {
        delete globalThis.addEventListener;
        delete globalThis.removeEventListener;
    }
});

test("each action is asked as the protocol has it", bounded, async () => {
    const surface = { event: "ui.put", surface: "s1", owner: "host", component: "form", props: {}, version: 3 };
    await joined({}, { surfaces: [surface], version: 5 });
    const asked = [
        [room.resolve("q1", true), { kind: "resolve", interrupt: "q1", status: "resolved", value: true }],
        [room.resolve("q1", undefined, { cancelled: true }), { kind: "resolve", interrupt: "q1", status: "cancelled" }],
        [room.cancel({ agent: "host" }), { kind: "cancel", agent: "host" }],
        [
            room.uiAction("s1", "submit", { a: 1 }),
            { kind: "ui_action", surface: "s1", name: "submit", context: { a: 1 }, version: 3 },
        ],
        [room.nextSpeaker("host"), { kind: "next_speaker", agent: "host" }],
        [
            room.patchState([{ op: "remove", path: "/a" }]),
            { kind: "patch_state", ops: [{ op: "remove", path: "/a" }], if_version: 5 },
        ],
        [room.act({ kind: "rename", title: "Lab" }), { kind: "rename", title: "Lab" }],
    ];
    for (const [answer, wanted] of asked) {
        const { id, ...heard } = await desk.hears({});
        assert.deepEqual(heard, { room: "lab", ...wanted });
        desk.says({ kind: "ack", reply_to: id, seq: 4 });
        assert.equal((await answer).seq, 4);
    }
});

test("a fork and a branch give the room they made", bounded, async () => {
    await joined();
    for (const [fork, wanted] of [
        [room.fork(7), { kind: "fork", at: 7 }],
        [room.branch("m1"), { kind: "branch", from_message: "m1" }],
    ]) {
        const { id, new_room: made } = await desk.hears(wanted);
        desk.says({ kind: "ack", reply_to: id, seq: 4 });
        assert.equal(await fork, made);
    }
});

test("history and threads are answered by pages", bounded, async () => {
    await joined();
    const older = room.history(100, 50);
    const { id } = await desk.hears({ kind: "history", room: "lab", before: 100, limit: 50 });
    desk.says({
        kind: "history",
        reply_to: id,
        room: "lab",
        position: { epoch: "e1", seq: 3 },
        entries: [1, 2],
        more: false,
    });
    assert.deepEqual(
        (await older).entries.map(({ seq }) => seq),
        [1, 2],
    );
    const found = room.threads({ query: "sales" });
    const { room: none, ...asked } = await desk.hears({ kind: "threads", query: "sales", limit: 50 });
    assert.equal(none, undefined);
    desk.says({ kind: "threads", reply_to: asked.id, threads: [] });
    assert.deepEqual((await found).threads, []);
});

test("entries that contradict what is there are answered by asking for a picture", bounded, async () => {
    await joined();
    const delta = { message: "m9", text: "lost", at: 40 };
    desk.says({ kind: "events", entries: [entry(4, "message.delta", delta)] });
    await desk.hears({ kind: "subscribe", recover: { epoch: "none", seq: 0 } });
    desk.says({ kind: "subscribed", position: { epoch: "e1", seq: 4 }, snapshot: { title: "Lab" } });
    assert.deepEqual([room.state.seq, room.state.title], [4, "Lab"]);
});

test("who deletes the room is answered, and everybody is told why it is over", bounded, async () => {
    await joined();
    const asked = room.act({ kind: "delete" });
    const said = room.send("Wait!");
    await desk.hears({ kind: "delete", room: "lab" });
    desk.says({ kind: "unsubscribed", code: "deleted" });
    assert.equal((await asked).kind, "ack");
    await assert.rejects(said, (error) => error instanceof LinkRefused && error.code === "deleted");
    assert.deepEqual([room.status, room.view.problem.code], ["closed", "deleted"]);
});

test("an action may be for another room", bounded, async () => {
    await joined();
    const renamed = room.act({ kind: "rename", title: "Notes", room: "office" });
    const { id } = await desk.hears({ kind: "rename", room: "office" });
    desk.says({ kind: "ack", reply_to: id, room: "office", seq: 9 });
    assert.equal((await renamed).seq, 9);
});

test("a connection that has gone silent is given up", bounded, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    await joined();
    desk.closes(1006);
    t.mock.timers.tick(0);
    t.mock.timers.tick(10_001); // no welcome
    assert.equal(room.status, "recovering");
    assert.equal(room.view.problem.name, "Unreachable");
    t.mock.timers.tick(0);
    await desk.hears({ kind: "connect" });
    desk.says({ kind: "welcome" });
    await desk.hears({ kind: "subscribe" });
    desk.says({ kind: "subscribed", was_recovering: true, recovered: true });
    t.mock.timers.tick(44_000);
    desk.says({ kind: "pong" });
    t.mock.timers.tick(44_000);
    assert.equal(room.status, "live");
    t.mock.timers.tick(2_000); // ping_every + 2 * pong_within after the last word
    assert.equal(room.status, "recovering");
});

test("who closes it hears that it was left; what waits is rejected", bounded, async () => {
    await joined();
    const said = room.send("Hello");
    room.close();
    await assert.rejects(said, { name: "LinkRefused", message: "the room was left" });
    assert.equal(room.status, "closed");
});

test("who waits for a room that is refused is told", bounded, async () => {
    room = new RoomClient({ url: "ws://server", room: "lab", WebSocket: desk.WebSocket });
    await desk.hears({ kind: "connect" });
    desk.closes(4505);
    await assert.rejects(room.ready, { name: "LinkRefused", close: 4505 });
});
