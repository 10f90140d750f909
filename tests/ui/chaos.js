/**
 * Talks in a room over a bad network until a line on the standard input says that it has calmed down. Then everything
 * said has to be in the log once, and every client's state has to be that of a newcomer who comes over a good network.
 *
 *     node chaos.js PACKAGE URL BAD_URL
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, url, detour] = process.argv.slice(2);
const { RoomClient } = await import(pathToFileURL(resolve(folder, "dist/client/index.js")));

const backoff = () => 0.01 * Math.random();
const found = { entries: 0, pictures: 0, reconnects: 0, said: 0 };
const clients = ["ann", "bo", "cy"].map((name) =>
    watched(new RoomClient({ url: detour, room: "storm", name, backoff })),
);
const answers = [];

let calm = false;
once(process.stdin, "data").then(() => (calm = true));
for (let turn = 0; !calm; turn++) {
    const client = clients[turn % clients.length];
    // Every tenth is for the agent, whose answer streams; the others are talk among people.
    answers.push(client.send(`said ${turn}`, { to: turn % 10 ? [] : ["host"], whenBusy: "queue" }));
    await Promise.race([answers.at(-1), changed(client)]);
    if (answers.length % 20 === 0) await Promise.all(answers);
}
const acks = await Promise.all(answers);
found.said = acks.length;

const newcomer = new RoomClient({ url, room: "storm" });
await newcomer.ready;
await until(newcomer, () => newcomer.state.runs.size === 0 && newcomer.state.streaming.size === 0);
const runs = acks.map(({ result }) => result?.run).filter(Boolean);
const log = await whole(newcomer);
for (const client of clients) await until(client, () => client.status === "live" && client.state.seq >= log.at(-1).seq);

const texts = log.flatMap(({ body }) =>
    body.event === "message.done" && body.author.role === "user" ? [body.parts[0].text] : [],
);
assert.equal(new Set(texts).size, texts.length, "something was said twice");
assert.deepEqual(texts.toSorted(), acks.map((_, turn) => `said ${turn}`).toSorted());
const started = log.flatMap(({ body }) => (body.event === "run.started" ? [body.run] : []));
assert.deepEqual(started.toSorted(), runs.toSorted());
for (const [turn, { seq }] of acks.entries()) {
    assert.equal(log.find((entry) => entry.seq === seq).body.parts[0].text, `said ${turn}`);
}
for (const client of clients) {
    await until(client, () => client.state.seq === newcomer.state.seq);
    assert.deepEqual(shown(client.state), shown(newcomer.state));
    assert.deepEqual(client.view.pending, []);
}
for (const client of [...clients, newcomer]) client.close();
console.log(JSON.stringify(found));

/** A client whose entries are contiguous, whatever happens. */
function watched(client) {
    let last = 0;
    let live = false;
    client.subscribe(({ entries, replaced }) => {
        if (replaced) {
            found.pictures++;
            last = client.state.seq;
        }
        for (const { seq } of entries) {
            assert.equal(seq, last + 1);
            last = seq;
            found.entries++;
        }
        if (live && client.status !== "live") found.reconnects++;
        live = client.status === "live";
    });
    return client;
}

function changed(client) {
    return new Promise((happened) => {
        const unsubscribe = client.subscribe(() => {
            unsubscribe();
            happened();
        });
    });
}

async function until(client, wanted) {
    while (!wanted()) await changed(client);
}

async function whole(client) {
    const log = [];
    for (let before; ; before = log[0].seq) {
        const page = await client.history(before, 200);
        log.unshift(...page.entries);
        if (!page.more) return log;
    }
}

function shown({ started, ...state }) {
    const more = state.more || state.messages.length > 200;
    return { ...state, more, messages: state.messages.slice(-200) };
}
