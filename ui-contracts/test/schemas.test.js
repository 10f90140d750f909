import assert from "node:assert/strict";
import { test } from "node:test";

import { Catalogue, ClientFrame, ServerFrame, readJson } from "@salon/ui-contracts";
import examples from "@salon/ui-contracts/schema/examples.json" with { type: "json" };

const PING = { type: "ping", payload: {}, timestamp: 1 };
const signal = (data) => ({ type: "action", payload: { kind: "signal", room: "lobby", data }, timestamp: 1 });
const send = (text) => ({
    type: "action",
    payload: { kind: "send", id: "1", room: "lobby", parts: [{ kind: "text", text }] },
    timestamp: 1,
});

test("every example comes out of its schema as it went in", () => {
    for (const frame of examples.client) assert.deepEqual(ClientFrame.parse(frame), frame);
    for (const frame of examples.server) assert.deepEqual(ServerFrame.parse(frame), frame);
});

test("null is read as left out", () => {
    const parsed = ClientFrame.parse({ ...PING, payload: { nonce: null } });
    assert.equal(JSON.stringify(parsed), JSON.stringify(PING));
});

test("characters are counted as the server counts them", () => {
    assert.ok(ClientFrame.safeParse(send("😀".repeat(32768))).success);
    const { error } = ClientFrame.safeParse(send("😀".repeat(32769)));
    assert.deepEqual(error.issues[0].path, ["payload", "parts", 0, "text"]);
    assert.match(error.issues[0].message, /more than 32768 characters/);
});

test("a lone surrogate and a key __proto__ are refused by the schemas themselves", () => {
    assert.ok(!ClientFrame.safeParse(send("\ud83d")).success);
    assert.ok(!ClientFrame.safeParse(signal(JSON.parse('{"__proto__": 1}'))).success);
    assert.ok(!ClientFrame.safeParse(signal({ "\ud83d": 1 })).success);
    assert.ok(ClientFrame.safeParse(signal({ constructor: 1, toString: 2 })).success);
});

test("a text is read unless it is what the server does not read", () => {
    const nested = (levels) => "[".repeat(levels) + "]".repeat(levels);
    assert.deepEqual(readJson('{"a": [1, "é", null]}'), { a: [1, "é", null] });
    assert.deepEqual(readJson(nested(32)).flat(32), []);
    for (const text of ["", "NaN", nested(33), '{"__proto__": 1}', '["\\ud83d"]', '{"\\ud83d": 1}']) {
        assert.throws(() => readJson(text), SyntaxError, text);
    }
});

test("props are checked by the component's name", () => {
    assert.ok(Catalogue.chart.safeParse({ kind: "bar", series: [{ name: "sales", values: [1, null] }] }).success);
    assert.ok(!Catalogue.chart.safeParse({ kind: "bar", series: [] }).success);
});
