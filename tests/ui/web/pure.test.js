import assert from "node:assert/strict";
import { test } from "node:test";

import { hueOf, nameOf } from "../../../server/salon/web/elements/people.js";
import { completed, fitting, mentionAt } from "../../../server/salon/web/room/mention.js";
import { suggestionsFor } from "../../../server/salon/web/room/suggestions.js";
import { hashOf, newRoom, routeOf } from "../../../server/salon/web/route.js";
import { scaleOf } from "../../../server/salon/web/surfaces/chart/scale.js";
import { fieldsOf } from "../../../server/salon/web/surfaces/form/schema.js";

test("every route leads back to itself, whatever the room is called", () => {
    for (const room of ["default", "a/b@c:d", newRoom()]) {
        for (const route of [{ view: "room", room }, { view: "room", room, at: 12 }, { view: "timeline", room }, { view: "compare", room, other: "x.y" }]) {
            assert.deepEqual(routeOf(hashOf(route)), route);
        }
    }
});

test("an address that names no room is none", () => {
    for (const hash of ["", "#", "#/", "#/%", "#/<b>", `#/${"x".repeat(129)}`]) assert.equal(routeOf(hash), null);
});

test("new rooms have names that rooms may have, and never the same", () => {
    const names = new Set(Array.from({ length: 1000 }, newRoom));
    assert.equal(names.size, 1000);
    for (const name of names) assert.match(name, /^room-[a-z0-9]{12}$/);
});

test("a mention is found where it is being written, and completed without losing what follows", () => {
    assert.deepEqual(mentionAt("ask @An", 7), { from: 4, part: "an" });
    assert.equal(mentionAt("mail me@host", 12), null);
    assert.deepEqual(completed("ask @an please", { from: 4, part: "an" }, "analyst"), { text: "ask @analyst please", caret: 13 });
    const roster = [{ id: "planner" }, { id: "analyst" }, { id: "an-other" }];
    assert.deepEqual(fitting(roster, "an").map(({ id }) => id), ["analyst", "an-other", "planner"]);
});

test("the agents of a team differ in colour, and a guest has a name that can be said", () => {
    const roster = Array.from({ length: 8 }, (_, n) => ({ id: `agent-${n}` }));
    assert.equal(new Set(roster.map(({ id }) => hueOf(id, roster))).size, 8);
    assert.equal(nameOf({ id: "guest-9b2e4c" }, null), "Guest 9b2e");
    assert.equal(nameOf({ id: "ana" }, "ana"), "You");
});

test("any team gets something to begin with", () => {
    assert.ok(suggestionsFor([{ id: "solo", host: true }]).length > 0);
    assert.match(suggestionsFor([{ id: "a", host: true }, { id: "b", host: false }]).at(-1), /^@b /);
});

test("an axis has round steps and covers every value", () => {
    for (const values of [[0], [3, 5, 9], [-2, 11.5], [1e9, 2e9], [0.001, 0.002], [-7], [5, 5, 5]]) {
        const { low, high, ticks } = scaleOf(values);
        assert.ok(low <= Math.min(0, ...values) && high >= Math.max(0, ...values), `${values}`);
        assert.ok(ticks.length >= 2 && ticks.length <= 8, `${values}: ${ticks}`);
    }
});

test("a schema becomes fields, with what it says of them", () => {
    const { fields, whole } = fieldsOf({
        type: "object",
        required: ["size"],
        properties: {
            size: { enum: [1, 2] },
            mail: { type: "string", format: "email" },
            rush: { type: "boolean" },
            note: { anyOf: [{ type: "string" }, { type: "null" }], title: "A note" },
        },
    });
    assert.equal(whole, false);
    assert.deepEqual(fields.map(({ type }) => type), ["choice", "email", "boolean", "text"]);
    assert.deepEqual([fields[0].required, fields[0].options[1].of, fields[3].label], [true, 2, "A note"]);
    assert.deepEqual(fieldsOf({ type: "string" }).fields.map(({ name }) => name), ["answer"]);
});
