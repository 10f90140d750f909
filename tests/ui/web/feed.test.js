import assert from "node:assert/strict";
import { test } from "node:test";

import { CHUNK, Feed } from "../../../server/salon/web/feed/feed.js";
import { stretchesOf, surfacesIn, textOf } from "../../../server/salon/web/feed/words.js";

const PERSON = { id: "ana", role: "user" };
const AGENT = { id: "host", role: "agent" };
const CHOSEN = { rule: "host" };

function feedOf(...bodies) {
    const feed = new Feed();
    bodies.forEach((body, n) => feed.apply({ seq: n + 1, at: n, cause: "c", body }));
    return feed;
}

function items(feed) {
    return feed.chunks.flat().filter(Boolean);
}

const SAID = { event: "message.done", message: "m1", author: PERSON, parts: [{ kind: "text", text: "Hi" }] };
const TURN = { event: "turn.started", turn: "t1", run: "r1", agent: "host", chosen: CHOSEN, source: "mock" };
const BEGUN = { event: "message.started", message: "m2", author: AGENT, turn: "t1", run: "r1" };
const piece = (text) => ({ event: "message.delta", message: "m2", text, at: 0 });
const DONE = { event: "message.done", message: "m2", author: AGENT, turn: "t1", parts: [{ kind: "text", text: "Hello" }] };

test("what an agent thinks, uses, shows and says are blocks of its turn, in their order", () => {
    const [said, turn] = items(feedOf(
        SAID, TURN,
        { event: "reasoning.delta", run: "r1", turn: "t1", text: "Let me ", at: 7 },
        { event: "reasoning.delta", run: "r1", turn: "t1", text: "see", at: 10 },
        { event: "tool.started", call: "c1", name: "look", run: "r1", where: "server", agent: "host", turn: "t1" },
        { event: "tool.args", call: "c1", text: "{}", at: 2 },
        { event: "tool.ready", call: "c1", name: "look", args: {}, where: "server", agent: "host" },
        { event: "tool.done", call: "c1", ok: true, output: "seen" },
        { event: "ui.put", surface: "s1", owner: "host", component: "text", props: { text: "x" }, version: 1 },
        BEGUN, piece("Hel"), piece("lo"), DONE,
        { event: "turn.finished", turn: "t1", outcome: "success" },
    ));
    assert.equal(said.kind, "message");
    assert.deepEqual(turn.blocks.map(({ kind }) => kind), ["thinking", "call", "surface", "message"]);
    const [thinking, call, , message] = turn.blocks;
    assert.equal(thinking.text, "Let me see");
    assert.deepEqual([call.open, call.ok, call.output, call.args], [false, true, "seen", {}]);
    assert.deepEqual([message.text, message.streaming, message.parts[0].text], ["Hello", false, "Hello"]);
    assert.equal(turn.open, false);
});

test("what did not change stays the same object, so that it is not drawn again", () => {
    const feed = feedOf(SAID, TURN, BEGUN);
    const [said, turn] = items(feed);
    feed.apply({ seq: 4, at: 4, body: piece("x") });
    assert.equal(items(feed)[0], said);
    assert.notEqual(items(feed)[1], turn);
});

test("a full chunk is not touched by what comes later", () => {
    const many = Array.from({ length: CHUNK + 1 }, (_, n) => ({ ...SAID, message: `m${n}` }));
    const feed = feedOf(...many);
    const [first] = feed.chunks;
    feed.apply({ seq: 100, at: 0, body: { ...SAID, message: "more" } });
    assert.equal(feed.chunks[0], first);
    assert.deepEqual(feed.chunks.map((chunk) => chunk.length), [CHUNK, 2]);
});

test("a log that is read from the middle shows what streams, and the rest of it", () => {
    const feed = new Feed();
    feed.resume(new Map([["m2", { started: BEGUN, text: "Hel" }]]));
    feed.apply({ seq: 9, at: 9, body: piece("lo") });
    assert.equal(items(feed)[0].blocks[0].text, "Hello");
    feed.apply({ seq: 10, at: 10, body: DONE });
    assert.equal(items(feed).length, 1);
    assert.equal(items(feed)[0].blocks.length, 1);
});

test("older entries come before the others and leave them as they are, but for what began in them", () => {
    const log = [
        SAID, TURN,
        { event: "tool.started", call: "c1", name: "look", run: "r1", where: "server", agent: "host", turn: "t1" },
        { event: "tool.done", call: "c1", ok: true, output: "seen" },
        { event: "interrupt.opened", interrupt: "q1", run: "r1", agent: "host", reason: "approval", message: "May I?" },
        { event: "interrupt.resolved", interrupt: "q1", status: "resolved", by: "ana", value: true },
        BEGUN, DONE,
        { event: "turn.finished", turn: "t1", outcome: "success" },
        { ...SAID, message: "m3" },
    ].map((body, n) => ({ seq: n + 1, at: n, cause: "c", body }));
    const whole = feedOf(...log.map(({ body }) => body));
    for (let cut = 0; cut <= log.length; cut += 1) {
        const feed = new Feed();
        for (const entry of log.slice(cut)) feed.apply(entry);
        const last = items(feed).at(-1);
        for (let n = cut; n > 0; n = Math.max(0, n - 3)) feed.prepend(log.slice(Math.max(0, n - 3), n));
        const told = (each) => items(each).map(({ kind, open, outcome, blocks, message }) => ({ kind, open, outcome, blocks, message }));
        assert.deepEqual(told(feed), told(whole), `cut at ${cut}`);
        if (cut < log.length) assert.equal(items(feed).at(-1), last);
    }
});

test("a question keeps its place and gets its answer", () => {
    const asked = { event: "interrupt.opened", interrupt: "q1", run: "r1", agent: "host", reason: "approval", message: "May I?" };
    const [turn] = items(feedOf(TURN, asked, { event: "interrupt.resolved", interrupt: "q1", status: "resolved", by: "ana", value: true }));
    assert.deepEqual(turn.blocks[0].answer, { status: "resolved", by: "ana", value: true });
});

test("a removed message is gone, and a cleared room begins anew", () => {
    assert.equal(items(feedOf(SAID, { event: "message.removed", message: "m1" })).length, 0);
    const regenerated = items(feedOf(TURN, DONE, { event: "message.removed", message: "m2" }));
    assert.deepEqual(regenerated.map(({ blocks }) => blocks.length), [0]);
    assert.deepEqual(items(feedOf(SAID, TURN, { event: "room.cleared" })).map(({ about }) => about), ["cleared"]);
});

test("what an application tells of its own is a note; of a kind that follows itself, the newest", () => {
    const told = (name, value) => ({ event: "custom", name, value });
    const notes = items(feedOf(told("score", 1), told("score", 2), SAID, told("score", 3), told("goal", null)));
    assert.deepEqual(
        notes.filter(({ about }) => about === "custom").map(({ name, value, count }) => [name, value, count]),
        [["score", 2, 2], ["score", 3, 1], ["goal", null, 1]],
    );
});

test("a surface stands among the words of a message where its part does", () => {
    const text = (words) => ({ kind: "text", text: words });
    const parts = [text("Look:"), text("here"), { kind: "ui", surface: "s1" }, text("Nice?")];
    const shown = stretchesOf(parts).map((each) => each.surface ?? textOf(each.parts));
    assert.deepEqual(shown, ["Look:\n\nhere", "s1", "Nice?"]);
    assert.deepEqual([surfacesIn(parts), surfacesIn(undefined)], [["s1"], []]);
});

test("events that it does not know are passed over", () => {
    assert.equal(items(feedOf({ event: "some.day" }, SAID)).length, 1);
});
