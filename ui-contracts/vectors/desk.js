/** The server's side of a conversation, played frame by frame over a WebSocket that is none. */
import assert from "node:assert/strict";

export class Desk {
    #defaults;
    #names = new Map();
    #heard = [];
    #hearing = [];
    #socket;
    WebSocket;

    constructor(defaults) {
        this.#defaults = defaults;
        const desk = this;
        this.WebSocket = class {
            onopen = null;
            onmessage = null;
            onclose = null;
            onerror = null;

            constructor() {
                desk.#socket = this;
                queueMicrotask(() => this.onopen?.({}));
            }

            send(text) {
                const { type, payload } = JSON.parse(text);
                desk.#hear(type === "action" ? payload : { kind: type, ...payload });
            }

            close() {
                if (desk.#socket === this) desk.#socket = undefined;
            }
        };
    }

    /** The handshake, up to a room at `seq`: shown to who comes first, recovered by who comes back. */
    async joined(seq, first) {
        await this.hears({ kind: "connect" });
        this.says({ kind: "welcome" });
        await this.hears({ kind: "subscribe" });
        const position = { epoch: "e1", seq };
        this.says({
            kind: "subscribed",
            position,
            was_recovering: !first,
            recovered: !first,
            ...(first && { snapshot: {} }),
        });
    }

    /** How many frames came that nobody has asked about. */
    get unheard() {
        return this.#heard.length;
    }

    /** The next frame, which has these fields. */
    async hears(wanted) {
        const frame = this.#heard.shift() ?? (await new Promise((resolve) => this.#hearing.push(resolve)));
        for (const [key, value] of Object.entries(wanted)) {
            if (typeof value !== "string" || !value.startsWith("$")) assert.deepEqual(frame[key], value);
            else if (this.#names.has(value)) assert.equal(frame[key], this.#names.get(value));
            else this.#names.set(value, frame[key]);
        }
        return frame;
    }

    /** The id that a `$name` came to stand for. */
    named(name) {
        return this.#names.get(name);
    }

    says(what) {
        const payload = { ...this.#defaults[what.kind], ...what };
        if (payload.reply_to) payload.reply_to = this.#names.get(payload.reply_to) ?? payload.reply_to;
        if (payload.snapshot) payload.snapshot = { ...this.#defaults.snapshot, ...payload.snapshot };
        for (const key of ["entries", "events"]) if (payload[key]) payload[key] = payload[key].map(entry);
        const type = ["error", "ping", "pong"].includes(payload.kind) ? payload.kind : "state_update";
        if (type !== "state_update") delete payload.kind;
        this.#socket.onmessage({ data: JSON.stringify({ type, payload, timestamp: 1 }) });
    }

    closes(code, reason = "") {
        this.#socket.onclose({ code, reason });
    }

    #hear(frame) {
        const hearing = this.#hearing.shift();
        if (hearing) hearing(frame);
        else this.#heard.push(frame);
    }
}

/** Where only the place of an entry counts, a vector gives no more. */
function entry(given) {
    return typeof given === "number"
        ? { seq: given, at: 1, body: { event: "custom", name: "tick", value: given } }
        : given;
}
