import assert from "node:assert/strict";
import { test } from "node:test";

import { isCopyOf, itemsUpTo, partingOf, roundsAfter, rowsOf } from "../../../server/salon/web/compare/split.js";
import { clock, lasted, place } from "../../../server/salon/web/timeline/entries.js";
import { Frames, readFrame } from "../../../server/salon/web/timeline/frames.js";
import { floorOf, usageOf } from "../../../server/salon/web/timeline/sums.js";
import { KINDS, kindOf, Telling } from "../../../server/salon/web/timeline/telling.js";
import { Then } from "../../../server/salon/web/timeline/then.js";

const log = (...bodies) => bodies.map((body, n) => ({ seq: n + 1, at: n, cause: "c1", body }));
const turn = (id, agent, rule, more = {}) => ({
    event: "turn.started", turn: id, run: "r1", agent, source: "mock", model: "mock", chosen: { rule }, ...more,
});
const done = (id) => ({ event: "turn.finished", turn: id, outcome: "success" });
const said = (message, text, author = { id: "ana", role: "user" }) => ({
    event: "message.done", message, author, parts: [{ kind: "text", text }],
});
const hands = { event: "agent.handoff", source: "host", target: "analyst", reason: "numbers" };

test("the floor goes from the people to the first agent of a run, and from agent to agent by hand-off", () => {
    const ways = floorOf(log(turn("t1", "host", "host"), hands, turn("t2", "analyst", "handoff"), hands));
    assert.deepEqual(ways.map(({ from, to, count, seqs }) => [from, to, count, seqs]), [
        ["people", "host", 1, [1]],
        ["host", "analyst", 2, [2, 4]],
    ]);
    assert.deepEqual(ways[1].reasons, ["numbers", "numbers"]);
});

test("what was used is summed up by agent and model, with the time of the turns", () => {
    const used = (id, model, read, written) => ({
        event: "usage", turn: id, model, input_tokens: read, output_tokens: written, credits: 2,
    });
    const rows = usageOf(log(turn("t1", "host", "host"), used("t1", "mock", 10, 3), used("t1", "big", 5, 1), done("t1")));
    assert.deepEqual(rows, [
        { agent: "host", model: "mock", turns: 1, calls: 1, read: 10, written: 3, credits: 2, seconds: 3 },
        { agent: "host", model: "big", turns: 0, calls: 1, read: 5, written: 1, credits: 2, seconds: 0 },
    ]);
});

test("each entry is told with whose it is, also where only an earlier one says so", () => {
    const entries = log(
        turn("t1", "host", "host"),
        { event: "tool.started", call: "k1", name: "look", run: "r1", where: "server", agent: "host" },
        { event: "tool.done", call: "k1", ok: false, output: "no" },
        { event: "from.the.future", words: "?" },
    );
    const telling = new Telling();
    const rows = telling.of(entries.slice(0, 3));
    assert.deepEqual(rows.map(({ kind, who }) => [kind, who]), [["turns", "host"], ["tools", "host"], ["tools", "host"]]);
    assert.equal(rows[2].what, "failed: no");
    const grown = telling.of(entries);
    assert.equal(grown[0], rows[0]); // what was told is not told again
    assert.deepEqual([grown[3].kind, grown[3].what], ["room", ""]);
    assert.equal(telling.of(entries), grown);
});

test("no event is of two kinds", () => {
    const events = Object.values(KINDS).flat();
    assert.equal(new Set(events).size, events.length);
    assert.equal(kindOf("room.changed"), "room");
});

test("the chosen entry is found, or the last before it that is shown", () => {
    const rows = [{ entry: { seq: 2 } }, { entry: { seq: 5 } }];
    assert.deepEqual([place(rows, null), place(rows, 5), place(rows, 4), place(rows, 1)], [1, 1, 0, 0]);
});

test("times are told as far as they matter", () => {
    assert.deepEqual([0, 0.0123, 2.04, 130, 9000].map(lasted), ["", "12 ms", "2.0 s", "2 min", "3 h"]);
    assert.match(clock(0.5), /^\d\d:\d\d:00\.500$/);
});

test("a room is shown as it was, and nothing can be done with it any more", async () => {
    const live = { room: "r", me: "ana", view: {}, state: { roster: [{ id: "host" }] }, called: () => "Ana" };
    const then = new Then(live, log(said("m1", "Hi"), turn("t1", "host", "host")));
    assert.deepEqual([then.state.seq, then.state.turns.size, then.feed.size, then.called("ana")], [2, 1, 2, "Ana"]);
    await assert.rejects(then.act({ kind: "cancel" }));
});

test("a frame that is kept gives no secret away", () => {
    globalThis.WebSocket = class {
        addEventListener() {}
        send() {}
    };
    const frames = new Frames();
    new frames.WebSocket("ws://x").send('{"type":"action","payload":{"kind":"connect","token":"t0p","session":"s3c"}}');
    const { name, text } = readFrame(frames.kept[0]);
    assert.match(name, /connect/);
    assert.doesNotMatch(text, /t0p|s3c/);
});

test("two logs part where their entries are no longer the same", () => {
    const one = log(said("m1", "Hi"), said("m2", "A"), said("m3", "B"));
    const other = [...one.slice(0, 2), { seq: 3, at: 9, body: { event: "room.opened", forked_from: "one" } }];
    assert.deepEqual([partingOf(one, other), partingOf(one, []), isCopyOf(other, "one")], [2, 0, true]);
});

test("what both were asked stands in one row, and what only one was asked beside nothing", () => {
    const item = (seq, text) => ({ kind: "message", key: `message ${seq}`, seq, ...said(`m${seq}`, text) });
    const chunks = (...texts) => [[item(1, "before"), null], texts.map((text, n) => item(n + 2, text))];
    const one = roundsAfter(chunks("What?", "Why?"), 1);
    const other = roundsAfter(chunks("Why?", "How?"), 1);
    const asked = (round) => round?.[0]?.parts[0].text;
    assert.deepEqual(rowsOf(one, other).map((row) => row.map(asked)), [
        [undefined, undefined],
        ["What?", undefined],
        ["Why?", "Why?"],
        [undefined, "How?"],
    ]);
    assert.deepEqual(itemsUpTo(chunks("What?"), 1).map(({ seq }) => seq), [1]);
});
