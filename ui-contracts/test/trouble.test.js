/** What a room client does when the network, the clock or its own program's listeners misbehave. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { RoomClient } from "@salon/ui-contracts/client";
import { Desk } from "../vectors/desk.js";

const { defaults } = JSON.parse(readFileSync(new URL("../vectors/conversations.json", import.meta.url), "utf8"));
const bounded = { timeout: 5000 };

let desk;
let room;
let sockets;
beforeEach(() => {
    desk = new Desk(defaults);
    sockets = 0;
});
afterEach(() => room?.close());

function opened() {
    const WebSocket = class extends desk.WebSocket {
        constructor() {
            super();
            sockets++;
        }
    };
    room = new RoomClient({ url: "ws://server", room: "lab", WebSocket, backoff: () => 0 });
}

async function joined() {
    opened();
    await desk.joined(3, true);
    await room.ready;
}

test("who closes it on hearing that the connection is gone gets no other one", bounded, async () => {
    const online = new EventTarget();
    globalThis.addEventListener = online.addEventListener.bind(online);
    globalThis.removeEventListener = online.removeEventListener.bind(online);
    try {
        await joined();
        room.subscribe(() => room.close());
        online.dispatchEvent(new Event("online"));
        assert.deepEqual([room.status, sockets], ["closed", 1]);
        online.dispatchEvent(new Event("online"));
        assert.equal(sockets, 1);
    } finally {
        delete globalThis.addEventListener;
        delete globalThis.removeEventListener;
    }
});

test("a listener that subscribes again while it is told is told of the next news", bounded, async () => {
    await joined();
    let told = 0;
    const again = () => {
        told++;
        unsubscribe();
        unsubscribe = room.subscribe(again);
    };
    let unsubscribe = room.subscribe(again);
    desk.says({ kind: "events", entries: [4] });
    assert.equal(told, 1);
    desk.says({ kind: "events", entries: [5] });
    assert.equal(told, 2);
});

test("a function that subscribes twice is told twice, one that was just taken away not at all", bounded, async () => {
    await joined();
    const told = [];
    const first = room.subscribe(() => last());
    const both = () => told.push("both");
    const [one, other] = [room.subscribe(both), room.subscribe(both)];
    const last = room.subscribe(() => told.push("last"));
    desk.says({ kind: "events", entries: [4] });
    assert.deepEqual(told, ["both", "both"]);
    one();
    desk.says({ kind: "events", entries: [5] });
    assert.deepEqual(told, ["both", "both", "both"]);
    [first, other].forEach((end) => end());
});

test("an action outlives many breaks, and is still tried again when it comes too fast", bounded, async () => {
    await joined();
    const said = room.send("Hello");
    const { id } = await desk.hears({ kind: "send" });
    for (let turn = 0; turn < 9; turn++) {
        desk.closes(1006);
        await desk.joined(3, false);
        await desk.hears({ kind: "send", id });
    }
    desk.says({ kind: "error", code: "rate_limited", reply_to: id, retryable: true, retry_after: 0 });
    await desk.hears({ kind: "send", id });
    desk.says({ kind: "ack", reply_to: id, seq: 4 });
    assert.equal((await said).seq, 4);
});

test("what a newer server says about a request is not taken for its answer", bounded, async () => {
    await joined();
    const said = room.send("Hello");
    const { id } = await desk.hears({ kind: "send" });
    desk.says({ kind: "progress", reply_to: id, done: 0.5 });
    desk.says({ kind: "ack", reply_to: id, seq: 4 });
    assert.equal((await said).kind, "ack");
});

test("a dead connection is noticed although the clock was set back", bounded, async (t) => {
    let now = 9_000_000;
    t.mock.method(Date, "now", () => now);
    t.mock.timers.enable({ apis: ["setTimeout"] });
    await joined();
    now = 1_000_000;
    for (let seconds = 0; seconds < 91; seconds++) {
        now += 1000;
        t.mock.timers.tick(1000);
    }
    assert.equal(room.status, "recovering");
});

test("what stayed the same is the same object in the next view", bounded, async () => {
    await joined();
    room.send("Hello").catch(() => undefined);
    const before = room.view;
    desk.says({ kind: "events", entries: [4] });
    desk.says({ kind: "ephemeral", room: "lab", joins: [], leaves: [], typing: ["con_1"], signals: {} });
    assert.notEqual(room.view, before);
    assert.equal(room.view.pending, before.pending);
    assert.equal(room.view.members, before.members);
});

test("nobody at the address is told as such, with what else it might be", bounded, async () => {
    opened();
    desk.closes(1006);
    assert.match(room.view.problem.message, /^no server answers at ws:.*, or it takes no pages of this origin$/);
});

test("why the server closed the connection is told", bounded, async () => {
    await joined();
    desk.closes(4501, "send text frames");
    assert.equal(room.view.problem.message, "the server did not understand this client (4501: send text frames)");
});

test("a key that no server can read is refused here", bounded, async () => {
    await joined();
    await assert.rejects(room.uiAction("s1", "pick", { "cut \ud83d": 1 }), { code: "bad_request" });
    assert.equal(desk.unheard, 0);
});

test("what is said in a room that is over is refused, and shown to nobody", bounded, async () => {
    await joined();
    room.close();
    let told = 0;
    room.subscribe(() => told++);
    await assert.rejects(room.send("Hello?"), { name: "LinkRefused" });
    assert.equal(told, 0);
});

test("an address that is none is refused at once", () => {
    for (const url of [undefined, "http://host:port", ""]) {
        assert.throws(() => new RoomClient({ url, room: "lab", WebSocket: desk.WebSocket }), /^TypeError: url: /);
    }
});
