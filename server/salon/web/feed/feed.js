/**
 * A room's log as a reader sees it: what people said, what agents did in their turns, how the floor went round. Pure.
 *
 * What stands for itself is an item; what an agent says and does in one turn are the blocks of that turn's item. An
 * item that changes is replaced by another object, so what did not change need not be drawn again.
 */

import { blockOf, withBlock } from "./blocks.js";

export const CHUNK = 40;

/** Jobs by which the server keeps house: they are no part of what is said. */
const CHORES = new Set(["generate_title", "summarize_thread", "extract_user_facts"]);

/** The items of one room, in the order of its log. */
export class Feed {
    /** Items in chunks of CHUNK; a removed item leaves `null`, so that places stay. */
    chunks = [];
    /** The number of the first chunk: it goes below 0 as older ones come before, and a chunk keeps its number. */
    first = 0;
    #places = new Map(); // the number of an item's chunk, and the place in it
    #early = []; // entries about something that is told only by older ones
    #cleared = false;
    #turnOf = new Map(); // which turn a message, call or question belongs to
    #turns = new Map(); // the turn that an agent has now

    /** How many items there are. */
    get size() {
        return this.#places.size;
    }

    /**
     * Takes the next entry of the log.
     * @param {{seq: number, at: number, body: {event: string}}} entry
     */
    apply({ seq, at, cause, body }) {
        if (body.event === "room.changed" && cause === undefined) return; // a title that the server thought of
        if (this.#take(body, { seq, at }) === false) this.#early.push({ seq, at, cause, body });
    }

    /**
     * Puts older entries before all that are here. What is drawn already stays as it is, but for what began in them.
     * @param {object[]} entries
     */
    prepend(entries) {
        if (this.#cleared) return;
        const older = new Feed();
        for (const entry of entries) older.apply(entry);
        for (const [agent, turn] of older.#turns) this.#move(`turn of ${agent}`, older, `turn ${turn}`);
        for (const key of older.#places.keys()) this.#move(key, older, key);
        for (const [key, turn] of this.#turnOf) {
            const known = turn.startsWith("of ") ? older.#turns.get(turn.slice(3)) : undefined;
            if (known !== undefined) this.#turnOf.set(key, known);
        }
        this.first -= older.chunks.length;
        this.chunks = [...older.chunks, ...this.chunks];
        for (const [key, [chunk, place]] of older.#places) this.#places.set(key, [chunk + this.first, place]);
        this.#turnOf = new Map([...older.#turnOf, ...this.#turnOf]);
        this.#turns = new Map([...older.#turns, ...this.#turns]);
        for (const entry of [...older.#early, ...this.#early.splice(0)]) this.apply(entry);
    }

    /**
     * Shows what streams already when the log is read from the middle.
     * @param {Map<string, {started: object, text: string}>} streaming
     */
    resume(streaming) {
        for (const { started, text } of streaming.values()) {
            if (!this.#isKnown(started.message)) this.#take(started, { seq: 0, at: 0 });
            this.#text(started.message, { text });
        }
    }

    /** Gives false for what is about something that is not known here. */
    #take(body, when) {
        switch (body.event) {
            case "room.opened":
                if (body.forked_from)
                    this.#note(when, { about: "forked_from", room: body.forked_from, at: body.forked_at });
                return;
            case "turn.started":
                this.#turns.set(body.agent, body.turn);
                this.#put(`turn ${body.turn}`, { kind: "turn", ...when, ...body, blocks: [], open: true });
                return;
            case "turn.finished":
                return this.#change(`turn ${body.turn}`, (turn) => ({ ...turn, ...body, open: false, ended: when.at }));
            case "message.started":
                this.#message(body, { ...when, streaming: true, text: "" });
                return;
            case "message.delta":
                return this.#text(body.message, { add: body.text });
            case "message.done":
                this.#message(body, { ...when, streaming: false, parts: body.parts, partial: body.partial ?? false });
                return;
            case "message.removed":
                return this.#removeBlock("message", body.message);
            case "agent.handoff":
                this.#put(`handoff ${when.seq}`, { kind: "handoff", ...when, ...body });
                return;
            case "interrupt.opened":
                return this.#block(this.#turns.get(body.agent), body.agent, {
                    kind: "question",
                    id: body.interrupt,
                    ...when,
                    ...body,
                });
            case "interrupt.resolved": {
                const { status, by, value } = body;
                return this.#changeBlock("question", body.interrupt, (block) => ({ ...block, answer: { status, by, value } }));
            }
            case "run.finished":
                this.#ended(body, when);
                return;
            case "job.updated":
                if (!CHORES.has(body.name)) this.#put(`job ${body.job}`, { kind: "job", ...when, ...body });
                return;
            case "room.cleared":
                this.chunks = [];
                this.#cleared = true;
                this.#places.clear();
                this.#turnOf.clear();
                this.#note(when, { about: "cleared" });
                return;
            case "floor.given":
            case "room.forked":
            case "room.changed":
            case "room.summarised":
            case "guardrail.blocked":
                this.#note(when, { about: body.event, ...body });
                return;
            case "custom":
                this.#custom(body, when);
                return;
            default: {
                const block = blockOf(body);
                if (block === null) return;
                const turn =
                    block.turn ?? this.#turnOf.get(`${block.kind} ${block.id}`) ?? this.#turns.get(block.agent);
                return this.#block(turn, block.agent, { ...when, ...block });
            }
        }
    }

    #message(body, more) {
        const { message, author, turn } = body;
        if (author.role === "agent" && (turn !== undefined || this.#turns.has(author.id))) {
            this.#block(turn ?? this.#turns.get(author.id), author.id, { kind: "message", id: message, ...more });
            return;
        }
        const before = this.#item(`message ${message}`);
        this.#put(`message ${message}`, { kind: "message", ...before, ...body, ...more });
    }

    #text(message, { add, text }) {
        const grown = (block) => ({ ...block, text: text ?? (block.text ?? "") + add });
        if (this.#turnOf.has(`message ${message}`)) return this.#changeBlock("message", message, grown);
        return this.#change(`message ${message}`, grown);
    }

    #ended({ run, outcome, reason }, when) {
        if (outcome === "error" || outcome === "cancelled") this.#note(when, { about: "run", run, outcome, reason });
    }

    #block(turn, agent, block) {
        const key = `${block.kind} ${block.id}`;
        if (agent === undefined && turn === undefined && !this.#turnOf.has(key)) return false;
        const id = this.#turnOf.get(key) ?? turn ?? `of ${agent}`;
        this.#turnOf.set(key, id);
        if (turn !== undefined && agent !== undefined) this.#turns.set(agent, turn);
        if (this.#item(`turn ${id}`) === undefined) {
            // The log is read from the middle of this turn.
            const { seq, at } = block;
            this.#put(`turn ${id}`, { kind: "turn", seq, at, turn: id, agent, blocks: [], open: false });
        }
        return this.#change(`turn ${id}`, (item) => ({ ...item, blocks: withBlock(item.blocks, block) }));
    }

    #changeBlock(kind, id, change) {
        const turn = this.#turnOf.get(`${kind} ${id}`);
        const known = this.#item(`turn ${turn}`)?.blocks.find((block) => block.kind === kind && block.id === id);
        return known !== undefined && this.#block(turn, undefined, change(known));
    }

    #removeBlock(kind, id) {
        const turn = this.#turnOf.get(`${kind} ${id}`);
        if (turn === undefined) return this.#change(`${kind} ${id}`, () => null);
        const stays = (block) => block.kind !== kind || block.id !== id;
        return this.#change(`turn ${turn}`, (item) => ({ ...item, blocks: item.blocks.filter(stays) }));
    }

    #note(when, note) {
        this.#put(`note ${when.seq}`, { kind: "note", ...when, ...note });
    }

    /** An application may tell much of one kind: what follows itself is one item, which says the newest. */
    #custom({ name, value }, when) {
        const last = this.chunks.at(-1)?.at(-1);
        const again = last?.about === "custom" && last.name === name;
        if (again) this.#change(last.key, (item) => ({ ...item, value, count: item.count + 1 }));
        else this.#note(when, { about: "custom", name, value, count: 1 });
    }

    /** An item goes where it began. */
    #move(key, older, there) {
        const here = this.#item(key);
        if (here !== undefined && older.#change(there, (item) => joined(item, here))) this.#change(key, () => null);
    }

    #isKnown(message) {
        return this.#turnOf.has(`message ${message}`) || this.#places.has(`message ${message}`);
    }

    #item(key) {
        const [chunk, place] = this.#places.get(key) ?? [];
        return this.chunks[chunk - this.first]?.[place] ?? undefined;
    }

    #put(key, item) {
        if (this.#change(key, () => ({ ...item, key }))) return;
        const last = this.chunks.at(-1);
        if (last === undefined || last.length === CHUNK) this.chunks = [...this.chunks, [{ ...item, key }]];
        else this.chunks = this.chunks.with(-1, [...last, { ...item, key }]);
        this.#places.set(key, [this.first + this.chunks.length - 1, this.chunks.at(-1).length - 1]);
    }

    /** Gives false for an item that is not here, or no longer. */
    #change(key, change) {
        const item = this.#item(key);
        if (item === undefined) return false;
        const [chunk, place] = this.#places.get(key);
        this.chunks = this.chunks.with(chunk - this.first, this.chunks[chunk - this.first].with(place, change(item)));
        return true;
    }
}

/** An item that began in an older part of the log and went on in a later one. */
function joined(older, later) {
    if (older.kind !== "turn") return { ...older, ...later };
    const { outcome = older.outcome, reason = older.reason, ended = older.ended } = later;
    const blocks = later.blocks.reduce(withBlock, older.blocks);
    return { ...older, blocks, outcome, reason, ended, open: older.open && outcome === undefined };
}
