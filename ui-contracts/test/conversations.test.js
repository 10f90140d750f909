/** The room client behaves as `vectors/conversations.json` says, and so does Python's. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { RoomClient } from "@salon/ui-contracts/client";
import { Desk } from "../vectors/desk.js";

const { defaults, conversations } = JSON.parse(
    readFileSync(new URL("../vectors/conversations.json", import.meta.url), "utf8"),
);

for (const { name, steps } of conversations) {
    test(name, { timeout: 5000 }, async () => {
        const desk = new Desk(defaults);
        const room = new RoomClient({ url: "ws://server", room: "lab", WebSocket: desk.WebSocket, backoff: () => 0 });
        const asked = new Map();
        for (const step of steps) await play(step, desk, room, asked);
        room.close();
    });
}

async function play(step, desk, room, asked) {
    const [verb, value] = Object.entries(step)[0];
    switch (verb) {
        case "joins":
        case "comes back":
            await desk.joined(value, verb === "joins");
            await until(room, () => room.status === "live");
            break;
        case "hears":
            await desk.hears(value);
            break;
        case "says":
            desk.says(value);
            break;
        case "closes":
            desk.closes(value);
            break;
        case "loses":
            desk.closes(1006);
            break;
        case "asks": {
            const answer = room.send(value);
            answer.catch(() => undefined); // looked at later
            asked.set(step.as, answer);
            break;
        }
        case "answered":
            assert.equal((await asked.get(value)).seq, step.seq);
            break;
        case "refused":
            await assert.rejects(asked.get(value), (error) => error.code === step.code);
            break;
        case "knows":
            await until(room, () => room.state.seq === value);
            break;
        case "ended":
            await until(room, () => room.status === "closed");
            assert.equal(room.view.problem.name, "LinkRefused");
            break;
        default:
            assert.fail(`nobody can ${verb}`);
    }
}

/** Wait until the room's view is as wanted; the test's time limit bounds it. */
function until(room, wanted) {
    return new Promise((resolve) => {
        const look = () => {
            if (!wanted()) return;
            unsubscribe();
            resolve();
        };
        const unsubscribe = room.subscribe(look);
        look();
    });
}
