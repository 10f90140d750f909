// What a streamed answer costs whoever shows it, in microseconds of CPU for each piece of text:
// node reading.mjs <pieces>
import { createRequire } from "node:module";
import { argv, cpuUsage } from "node:process";

import { EMPTY, fold } from "../../server/salon/web/client/index.js";

const PIECES = Number(argv[2]);
const AT_ONCE = 10; // entries in one frame of a burst

const words = Array.from({ length: PIECES }, (_, n) => `word${n} `);

function salon() {
    const frames = [];
    const entries = [
        { event: "room.opened", room: "r", team: "demo", roster: [] },
        { event: "run.started", run: "run", team: "demo" },
        { event: "turn.started", run: "run", turn: "turn", agent: "writer", rule: "mention" },
        { event: "message.started", message: "m", author: { id: "writer", role: "agent" }, run: "run", turn: "turn" },
    ];
    let at = 0;
    for (const text of words) {
        at += text.length;
        entries.push({ event: "message.delta", message: "m", text, at });
    }
    for (let from = 0; from < entries.length; from += AT_ONCE) {
        const batch = entries.slice(from, from + AT_ONCE).map((body, n) => ({ seq: from + n + 1, at: 1.5, body }));
        frames.push(JSON.stringify({ type: "events", payload: { kind: "events", room: "r", entries: batch }, seq: from }));
    }
    return frames;
}

function read(frames) {
    let state = EMPTY;
    for (const text of frames) for (const entry of JSON.parse(text).payload.entries) state = fold(state, entry);
    if (state.streaming.get("m").text !== words.join("")) throw new Error("something is missing");
}

function parse(frames) {
    let entries = 0;
    for (const text of frames) entries += JSON.parse(text).payload.entries.length;
    if (entries !== PIECES + 4) throw new Error("something is missing");
}

/** The same pieces as AG-UI's events, through its client: check, apply, and what a frontend is told of them. */
async function agUi() {
    const installed = createRequire(new URL("../../ui-contracts/package.json", import.meta.url));
    const { AbstractAgent, EventType } = installed("@ag-ui/client");
    const { Observable } = installed("rxjs");
    const texts = [
        { type: EventType.RUN_STARTED, threadId: "t", runId: "r" },
        { type: EventType.TEXT_MESSAGE_START, messageId: "m", role: "assistant" },
        ...words.map((delta) => ({ type: EventType.TEXT_MESSAGE_CONTENT, messageId: "m", delta })),
        { type: EventType.TEXT_MESSAGE_END, messageId: "m" },
        { type: EventType.RUN_FINISHED, threadId: "t", runId: "r" },
    ].map((event) => JSON.stringify(event));
    class Recorded extends AbstractAgent {
        run() {
            return new Observable((to) => {
                for (const text of texts) to.next(JSON.parse(text));
                to.complete();
            });
        }
    }
    return async () => {
        const agent = new Recorded({ threadId: "t" });
        await agent.runAgent({ runId: "r" });
        if (agent.messages.at(-1).content !== words.join("")) throw new Error("something is missing");
    };
}

async function measure(work) {
    await work(); // compiled now
    const from = cpuUsage();
    await work();
    const { user, system } = cpuUsage(from);
    return (user + system) / PIECES;
}

const frames = salon();
const found = { salon: await measure(() => read(frames)), parse: await measure(() => parse(frames)) };
try {
    found.agUi = await measure(await agUi());
} catch (problem) {
    found.missing = `@ag-ui/client: ${problem.message.split("\n")[0]}`;
}
console.log(JSON.stringify(found));
