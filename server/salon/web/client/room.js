import { ErrorAnswer, LinkRefused } from "./errors.js";
import { newId } from "./wire/ids.js";
import { socketUrl } from "./wire/link.js";
import { Requests } from "./requests.js";
import { Toolbox } from "./toolbox.js";
import { Watch } from "./watch.js";
const TYPING = 10_000; // milliseconds after which one says again that one types; it holds for 30 s
/**
 * A room that is watched over a connection which comes back by itself.
 *
 *     const room = new RoomClient({ url: "http://localhost:8000", room: "kitchen", name: "Bo" });
 *     room.subscribe(() => show(room.view));
 *     await room.send("What is for dinner?");
 *
 * It connects at once, and tries until it is closed or the server refuses it for good. Every entry is applied once and
 * in order, whatever happens to the connection; an action goes out again until the server has answered it, and takes
 * effect once. What the room refuses rejects with an ErrorAnswer.
 */
export class RoomClient {
    room;
    /** Resolves when the room is live for the first time; rejects when it is closed before that. */
    ready;
    #options;
    #watch;
    #requests = new Requests((action) => this.#watch.send(action));
    #toolbox;
    #listeners = new Set();
    #mine = newId("c");
    #actions = 0;
    #typed = 0;
    constructor(options) {
        const WebSocket = options.WebSocket ?? globalThis.WebSocket;
        if (!WebSocket)
            throw new TypeError('WebSocket: there is none here; give that of the package "ws"');
        this.#options = options;
        this.room = options.room;
        this.#toolbox = new Toolbox(options.tools ?? {}, (call, ok, output) => this.#give(call, ok, output));
        let settle = { live: () => undefined, closed: (_) => undefined };
        this.ready = new Promise((live, closed) => {
            settle = { live, closed };
        });
        this.ready.catch(() => undefined); // who does not wait for it is told by `problem`
        const watcher = {
            hello: () => this.#hello(),
            live: () => {
                settle.live();
                this.#requests.resend();
            },
            answered: (payload) => this.#requests.answered(payload),
            closed: (reason) => {
                settle.closed(reason);
                this.#end(reason);
            },
            changed: (change) => this.#changed(change),
            newId: () => this.#newId(),
        };
        this.#watch = new Watch(options.room, socketUrl(options.url ?? "/"), watcher, WebSocket, options.backoff);
        globalThis.addEventListener?.("online", this.#watch.wake);
        this.#watch.wake();
    }
    /** All there is to show. The same object until something changes. */
    get view() {
        return this.#watch.view;
    }
    get state() {
        return this.view.state;
    }
    get status() {
        return this.view.status;
    }
    /** Be told of each new view, and what made it, until the function is called that this gives. */
    subscribe = (listener) => {
        const told = (change) => listener(change); // the same function may be given twice
        this.#listeners.add(told);
        return () => void this.#listeners.delete(told);
    };
    /**
     * Say something. The ack's `result` names the run that it started; until it is in the log, it is in `view.pending`.
     */
    async send(said, { to, replyTo, whenBusy } = {}) {
        const parts = typeof said === "string" ? [{ kind: "text", text: said }] : [...said];
        if (this.status === "closed")
            throw this.view.problem;
        const id = this.#newId();
        this.typing(false);
        this.#watch.expect({ id, parts, to });
        try {
            const named = to && [...to];
            const ack = await this.#ask({
                kind: "send",
                id,
                room: this.room,
                parts,
                to: named,
                reply_to: replyTo,
                when_busy: whenBusy,
            });
            this.#watch.settle(id, ack.seq);
            return ack;
        }
        catch (error) {
            this.#watch.settle(id);
            throw error;
        }
    }
    /**
     * Answer a question that an agent asked people, or decline it. Rejects with `already_resolved` for who comes
     * second.
     */
    resolve(interrupt, value, { cancelled = false } = {}) {
        return this.act({ kind: "resolve", interrupt, status: cancelled ? "cancelled" : "resolved", value });
    }
    /** Stop a run, an agent's turn, or, naming neither, whatever runs in the room. */
    cancel(what = {}) {
        return this.act({ kind: "cancel", ...what });
    }
    /** A person used a surface: its owner gets a turn. Rejects with `stale_state` when it has changed since. */
    uiAction(surface, name, context = {}) {
        const version = this.state.surfaces.get(surface)?.version;
        return this.act({ kind: "ui_action", surface, name, context, version });
    }
    /** Make another room of this one, as it was at `at` in its log; gives the new room. */
    async fork(at, room = newId("room")) {
        await this.act({ kind: "fork", at, new_room: room });
        return room;
    }
    /** Make another room of this one, as it was when that message had just been said; gives the new room. */
    async branch(message, room = newId("room")) {
        await this.act({ kind: "branch", from_message: message, new_room: room });
        return room;
    }
    /** Give the floor to an agent: at once in an idle room, after the current turn in a busy one. */
    nextSpeaker(agent) {
        return this.act({ kind: "next_speaker", agent });
    }
    /** Change the room's shared state as it is now; rejects with `stale_state` when somebody was faster. */
    patchState(ops) {
        return this.act({ kind: "patch_state", ops: [...ops], if_version: this.state.version });
    }
    /**
     * A page of the log, from before an entry (or from its end) backwards; what later entries supersede is left out.
     */
    history(before, limit = 100) {
        return this.act({ kind: "history", before, limit });
    }
    /** The user's threads, last used first; with `query` those in whose title or messages it is found, best first. */
    threads(what = {}) {
        return this.act({ kind: "threads", limit: 50, ...what });
    }
    /**
     * Ask anything of the room; docs/protocol.md lists the actions. Waits for the answer, however long it takes. With
     * a `room` it is asked of that one, which need not be watched.
     */
    act(action) {
        const room = ("room" in action ? action.room : undefined) ?? this.room;
        const addressed = action.kind === "threads" ? action : { ...action, room };
        return this.#ask({ ...addressed, id: this.#newId() });
    }
    /** Tell the others that this person types, or no longer. Call it as often as you like. */
    typing(on = true) {
        const now = Date.now();
        if (on ? now - this.#typed < TYPING : !this.#typed)
            return;
        this.#typed = on ? now : 0;
        this.signal({ typing: on });
    }
    /** Tell the others something small that is not kept; say it again while it holds, it expires after 30 s. */
    signal(what) {
        this.#watch.send({ kind: "signal", room: this.room, ...what });
    }
    /** Tell the others that this person was shown everything up to an entry. */
    seen(seq = this.state.seq) {
        this.#watch.send({ kind: "seen", room: this.room, seq });
    }
    /** Leave. What was not answered is rejected; it may take effect nevertheless. */
    close() {
        this.#watch.close(new LinkRefused("the room was left", { code: "left" }));
    }
    #newId() {
        return `${this.#mine}.${++this.#actions}`;
    }
    async #hello() {
        const { name, token, components, catalogs } = this.#options;
        return {
            kind: "connect",
            id: this.#newId(),
            versions: ["1"],
            name,
            token: typeof token === "function" ? await token() : token,
            session: this.view.welcome?.session ?? this.#options.session,
            components: components && [...components],
            catalogs: catalogs && [...catalogs],
            tools: this.#toolbox.offered(),
        };
    }
    #ask(action) {
        if (this.status === "closed")
            return Promise.reject(this.view.problem);
        return this.#requests.ask(action);
    }
    #changed(change) {
        const { state, welcome } = this.view;
        if (welcome && (change.entries.length || change.replaced)) {
            // Of several windows of this user, the one whose action led to a call runs it; or one that finds it there.
            const called = change.entries.flatMap(({ cause, body }) => body.event === "tool.ready" && cause?.startsWith(`${this.#mine}.`) ? [body] : []);
            this.#toolbox.look(change.replaced ? state.calls.values() : called, state.calls, welcome.user);
        }
        for (const listener of [...this.#listeners]) {
            if (!this.#listeners.has(listener))
                continue; // another one has just ended it
            try {
                listener(change);
            }
            catch (error) {
                queueMicrotask(() => {
                    throw error; // where errors are reported: a page that cannot show something still keeps up
                });
            }
        }
    }
    #give(call, ok, output) {
        this.act({ kind: "tool_result", call, ok, output }).catch((error) => {
            const over = error instanceof LinkRefused || (error instanceof ErrorAnswer && error.code === "already_resolved");
            // What cannot be sent, as it is too large or no JSON, must not leave the agent waiting.
            if (ok && !over)
                this.#give(call, false, error.message);
        });
    }
    #end(reason) {
        globalThis.removeEventListener?.("online", this.#watch.wake);
        this.#toolbox.end();
        const deleted = reason instanceof LinkRefused && reason.code === "deleted";
        // The end of the room may come before the answer to who asked for it.
        this.#requests.end(reason, (asked) => deleted && asked.kind === "delete" && asked.room === this.room);
    }
}
