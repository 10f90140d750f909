/**
 * The client's fold and the server's lead to the same state: on the logs in `vectors/`, or in the file that VECTORS
 * names.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { EMPTY, fold, FoldError, fromSnapshot, PatchError } from "@salon/ui-contracts/client";

const SHOWN = 200; // messages in a snapshot

/** What a snapshot would show of a state, its maps in their order. */
function shown(state, messages = SHOWN) {
    const { started, ...rest } = state; // a snapshot does not tell of calls whose arguments are being written
    const listed = Object.entries(rest).map(([key, value]) => [key, value instanceof Map ? [...value] : value]);
    const more = state.more || state.messages.length > SHOWN;
    return { ...Object.fromEntries(listed), more, messages: state.messages.slice(-messages) };
}

const file = process.env.VECTORS ?? new URL("../vectors/logs.jsonl.gz", import.meta.url);
const vectors = gunzipSync(readFileSync(file))
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

test("folding a log gives the state of the server's snapshot", () => {
    for (const { seed, entries, late } of vectors) {
        const state = entries.reduce(fold, EMPTY);
        assert.deepEqual(shown(state), shown(fromSnapshot(late, entries.length)), `log ${seed}`);
    }
});

test("folding goes on from a snapshot in the middle of a log", () => {
    for (const { seed, at, early, entries, late } of vectors) {
        const state = entries.slice(at).reduce(fold, fromSnapshot(early, at));
        const messages = early.more ? Math.min(SHOWN, state.messages.length) : SHOWN; // it never had the older ones
        assert.deepEqual(shown(state, messages), shown(fromSnapshot(late, entries.length), messages), `log ${seed}`);
    }
});

test("an entry that does not follow leaves the state as it was, and says what is missing", () => {
    const opened = fold(EMPTY, { seq: 1, at: 1, body: { event: "room.opened", team: "desk", roster: [] } });
    const wrong = [
        { seq: 3, at: 1, body: { event: "room.cleared" } },
        { seq: 2, at: 1, body: { event: "message.delta", message: "m", text: "a", at: 1 } },
        { seq: 2, at: 1, body: { event: "ui.patch", surface: "s", version: 2, ops: [] } },
        { seq: 2, at: 1, body: { event: "state.patched", version: 2, ops: [{ op: "add", path: "/a", value: 1 }] } },
        { seq: 2, at: 1, body: { event: "state.patched", version: 1, ops: [{ op: "remove", path: "/a" }] } },
        {
            seq: 2,
            at: 1,
            body: { event: "state.patched", version: 1, ops: [{ op: "add", path: "/__proto__", value: 1 }] },
        },
    ];
    const before = structuredClone(opened);
    for (const entry of wrong) {
        assert.throws(
            () => fold(opened, entry),
            (error) => error instanceof FoldError || error instanceof PatchError,
        );
    }
    assert.deepEqual(opened, before);
});

test("an event of a newer server counts and changes nothing", () => {
    const after = fold(EMPTY, { seq: 1, at: 1, body: { event: "something.new", what: 1 } });
    assert.deepEqual(after, { ...EMPTY, seq: 1 });
});

test("what stayed the same is the same object in the next state", () => {
    const [first, second] = [said("a"), said("b")].map((body, i) => ({ seq: i + 1, at: 1, body }));
    const before = fold(EMPTY, first);
    const after = fold(before, second);
    assert.equal(after.surfaces, before.surfaces);
    assert.equal(after.messages[0], before.messages[0]);
    assert.equal(before.messages.length, 1);
});

function said(text) {
    const author = { id: "ann", role: "user" };
    return { event: "message.done", message: text, author, parts: [{ kind: "text", text }] };
}
