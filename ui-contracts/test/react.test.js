/** The React hook, rendered without a browser against a server that is played. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { useRoom } from "@salon/ui-contracts/react";
import { act, createElement, StrictMode } from "react";
import { Desk } from "../vectors/desk.js";

const { defaults } = JSON.parse(readFileSync(new URL("../vectors/conversations.json", import.meta.url), "utf8"));
globalThis.IS_REACT_ACT_ENVIRONMENT = true;
const { create } = await silently(() => import("react-test-renderer"));

let desk;
let shown;
beforeEach(() => {
    desk = new Desk(defaults);
});

function Room({ room }) {
    shown = useRoom({ url: "ws://server", room, WebSocket: desk.WebSocket, backoff: () => 0 });
    return createElement("p", null, shown.status);
}

test("a component shows the room as it is, and what happens there", { timeout: 5000 }, async () => {
    const page = await rendered(createElement(Room, { room: "lab" }));
    assert.equal(shown.status, "connecting");
    await act(() => desk.joined(3, true));
    assert.equal(page.toJSON().children[0], "live");
    await act(() => desk.says({ kind: "events", entries: [4, 5] }));
    assert.equal(shown.state.seq, 5);
    await act(() => page.unmount());
    assert.equal(shown.client.status, "closed");
});

test("what a component says is shown at once, and goes when it comes back", { timeout: 5000 }, async () => {
    const page = await rendered(createElement(Room, { room: "lab" }));
    await act(() => desk.joined(3, true));
    let said;
    await act(() => {
        said = shown.client.send("Hello");
    });
    assert.deepEqual(
        shown.pending.map(({ parts }) => parts[0].text),
        ["Hello"],
    );
    await desk.hears({ kind: "send", id: "$a" });
    const author = { id: "guest-me", role: "user" };
    const body = { event: "message.done", message: "m1", author, parts: [{ kind: "text", text: "Hello" }] };
    await act(() => desk.says({ kind: "events", entries: [{ seq: 4, at: 1, cause: desk.named("$a"), body }] }));
    assert.deepEqual(shown.pending, []);
    assert.equal(shown.state.messages.length, 1);
    await act(async () => {
        desk.says({ kind: "ack", reply_to: "$a", seq: 4 });
        assert.equal((await said).seq, 4);
    });
    await act(() => page.unmount());
});

test(
    "a component that is mounted twice, as strict mode does, has one connection in the end",
    { timeout: 5000 },
    async () => {
        const page = await rendered(createElement(StrictMode, null, createElement(Room, { room: "lab" })));
        await act(() => desk.joined(3, true));
        assert.equal(shown.status, "live");
        await act(() => page.unmount());
    },
);

test("a component that goes to another room shows nothing of the one before", { timeout: 5000 }, async () => {
    const shownRooms = [];
    function Rooms({ room }) {
        const { client, state } = useRoom({ url: "ws://server", room, WebSocket: desk.WebSocket, backoff: () => 0 });
        shownRooms.push([room, client?.room ?? "none", state.seq]);
        return null;
    }
    const page = await rendered(createElement(Rooms, { room: "lab" }));
    await act(() => desk.joined(3, true));
    const before = shownRooms.length;
    await act(() => page.update(createElement(Rooms, { room: "kitchen" })));
    assert.ok(shownRooms.length > before);
    for (const shown of shownRooms.slice(before)) assert.ok(!shown.includes("lab") && shown.at(-1) === 0);
    await act(() => page.unmount());
});

async function rendered(element) {
    let page;
    await silently(() => act(() => void (page = create(element))));
    return page;
}

/** The renderer says each time that it is deprecated; there is no other one without a browser. */
async function silently(work) {
    const { error } = console;
    console.error = () => undefined;
    try {
        return await work();
    } finally {
        console.error = error;
    }
}
