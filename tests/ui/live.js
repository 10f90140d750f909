/**
 * Two windows of the room client and a real server: what each does is seen by the other.
 *
 *     node live.js PACKAGE URL
 */
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, url] = process.argv.slice(2);
const { RoomClient } = await import(pathToFileURL(resolve(folder, "dist/client/index.js")));

let runs = 0;
const where_am_i = { description: "Where the person is.", run: () => (runs++, { city: "Basel" }) };
const ann = new RoomClient({ url, room: "lab", name: "Ann", tools: { where_am_i } });
const bo = new RoomClient({ url, room: "lab", name: "Bo", tools: { where_am_i } });
await Promise.all([ann.ready, bo.ready]);

// Presence and typing.
await until(ann, () => ann.view.members.size === 2);
ann.typing();
await until(bo, () => bo.view.typing.length === 1);
const [typist] = bo.view.typing;
assert.equal(bo.view.members.get(typist).name, "Ann");

// A tool of the page: the window whose words led to the call runs it.
await asked(ann, "where am I?");
assert.equal(runs, 1);
await until(bo, () => /Basel/.test(last(bo)));

// A question to people is answered once; both windows see who did it.
const wiping = ann.send("wipe it");
await until(bo, () => bo.state.interrupts.size === 1);
const [question] = bo.state.interrupts.values();
await bo.resolve(question.interrupt, true);
await assert.rejects(ann.resolve(question.interrupt, false), { code: "already_resolved" });
await wiping;
await until(ann, () => ann.state.runs.size === 0 && ann.state.interrupts.size === 0);
assert.match(last(ann), /wiped/);

// A run is stopped by somebody else.
const { result } = await ann.send("tell me everything");
await until(bo, () => bo.state.streaming.size === 1);
await bo.cancel({ run: result.run });
await until(ann, () => ann.state.runs.size === 0);
assert.equal(ann.state.messages.at(-1).partial, true);

// Another room is made of this one; the two go on apart.
const first = ann.state.messages[0].message;
const branch = new RoomClient({ url, room: await ann.branch(first), session: ann.view.welcome.session });
await branch.ready;
assert.equal(branch.state.messages.length, 1);
assert.equal(branch.view.welcome.user, ann.view.welcome.user);
const fork = new RoomClient({ url, room: await ann.fork(ann.state.seq) });
await fork.ready;
assert.equal(fork.state.messages.length, ann.state.messages.length);

// Its title is everybody's; what was said is found again.
await ann.act({ kind: "rename", title: "Where things are" });
await until(bo, () => bo.state.title === "Where things are");
assert.ok((await ann.threads({ query: "where" })).threads.some(({ room }) => room === "lab"));
await ann.patchState([{ op: "add", path: "/done", value: true }]);
await until(bo, () => bo.state.shared.done === true);
const page = await bo.history(undefined, 3);
assert.deepEqual([page.entries.at(-1).body.event, page.more], ["state.patched", true]);

for (const client of [ann, bo, branch, fork]) client.close();

/** Say something, and wait for the end of what it leads to. */
async function asked(client, text) {
    const over = new Promise((ended) => client.subscribe(({ entries }) => entries.some(finished) && ended()));
    await client.send(text);
    await over;
}

function finished({ body }) {
    return body.event === "run.finished";
}

function last(client) {
    return client.state.messages.at(-1).parts[0].text;
}

async function until(client, wanted) {
    while (!wanted()) {
        await new Promise((happened) => {
            const unsubscribe = client.subscribe(() => {
                unsubscribe();
                happened();
            });
        });
    }
}
