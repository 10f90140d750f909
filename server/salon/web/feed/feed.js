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
    #places = new Map();
    #turnOf = new Map(); // which turn a message, call or question belongs to
    #turns = new Map(); // the turn that an agent has now
    #jobs = new Map();

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
        this.#take(body, { seq, at });
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
                this.#change(`turn ${body.turn}`, (turn) => ({ ...turn, ...body, open: false, ended: when.at }));
                return;
            case "message.started":
                this.#message(body, { ...when, streaming: true, text: "" });
                return;
            case "message.delta":
                this.#text(body.message, { add: body.text });
                return;
            case "message.done":
                this.#message(body, { ...when, streaming: false, parts: body.parts, partial: body.partial ?? false });
                return;
            case "message.removed":
                this.#removeBlock("message", body.message);
                return;
            case "agent.handoff":
                this.#put(`handoff ${when.seq}`, { kind: "handoff", ...when, ...body });
                return;
            case "interrupt.opened":
                this.#block(this.#turns.get(body.agent), body.agent, {
                    kind: "question",
                    id: body.interrupt,
                    ...when,
                    ...body,
                });
                return;
            case "interrupt.resolved": {
                const { status, by, value } = body;
                this.#changeBlock("question", body.interrupt, (block) => ({ ...block, answer: { status, by, value } }));
                return;
            }
            case "run.finished":
                this.#ended(body, when);
                return;
            case "job.updated":
                if (!CHORES.has(body.name)) this.#put(`job ${body.job}`, { kind: "job", ...when, ...body });
                return;
            case "room.cleared":
                this.chunks = [];
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
            default: {
                const block = blockOf(body);
                if (block === null) return;
                const turn =
                    block.turn ?? this.#turnOf.get(`${block.kind} ${block.id}`) ?? this.#turns.get(block.agent);
                this.#block(turn, block.agent, { ...when, ...block });
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
        if (this.#turnOf.has(`message ${message}`)) this.#changeBlock("message", message, grown);
        else this.#change(`message ${message}`, grown);
    }

    #ended({ run, outcome, reason }, when) {
        if (outcome === "error" || outcome === "cancelled") this.#note(when, { about: "run", run, outcome, reason });
    }

    #block(turn, agent, block) {
        if (agent === undefined && turn === undefined && !this.#turnOf.has(`${block.kind} ${block.id}`)) return;
        const id = this.#turnOf.get(`${block.kind} ${block.id}`) ?? turn ?? `of ${agent}`;
        this.#turnOf.set(`${block.kind} ${block.id}`, id);
        if (this.#item(`turn ${id}`) === undefined) {
            // the log is read from the middle of this turn
            const { seq, at } = block;
            this.#put(`turn ${id}`, { kind: "turn", seq, at, turn: id, agent, blocks: [], open: false });
        }
        this.#change(`turn ${id}`, (item) => ({ ...item, blocks: withBlock(item.blocks, block) }));
    }

    #changeBlock(kind, id, change) {
        const turn = this.#turnOf.get(`${kind} ${id}`);
        const known = this.#item(`turn ${turn}`)?.blocks.find((block) => block.kind === kind && block.id === id);
        if (known !== undefined) this.#block(turn, undefined, change(known));
    }

    #removeBlock(kind, id) {
        const turn = this.#turnOf.get(`${kind} ${id}`);
        const gone = (block) => block.kind === kind && block.id === id;
        if (turn === undefined) this.#change(`${kind} ${id}`, () => null);
        else this.#change(`turn ${turn}`, (item) => ({ ...item, blocks: item.blocks.filter((block) => !gone(block)) }));
    }

    #note(when, note) {
        this.#put(`note ${when.seq}`, { kind: "note", ...when, ...note });
    }

    #isKnown(message) {
        return this.#turnOf.has(`message ${message}`) || this.#places.has(`message ${message}`);
    }

    #item(key) {
        const place = this.#places.get(key);
        return place === undefined ? undefined : this.chunks[Math.floor(place / CHUNK)][place % CHUNK];
    }

    #put(key, item) {
        if (this.#places.has(key)) {
            this.#change(key, () => ({ ...item, key }));
            return;
        }
        const last = this.chunks.at(-1);
        if (last === undefined || last.length === CHUNK) this.chunks = [...this.chunks, [{ ...item, key }]];
        else this.chunks = [...this.chunks.slice(0, -1), [...last, { ...item, key }]];
        this.#places.set(key, (this.chunks.length - 1) * CHUNK + this.chunks.at(-1).length - 1);
    }

    #change(key, change) {
        const place = this.#places.get(key);
        if (place === undefined) return;
        const chunk = [...this.chunks[Math.floor(place / CHUNK)]];
        const item = chunk[place % CHUNK];
        if (item === null) return;
        chunk[place % CHUNK] = change(item);
        this.chunks = this.chunks.with(Math.floor(place / CHUNK), chunk);
    }
}
