/** A live room for people and programs: what it is, what happens there, and what one does there. */
import type { Ack, Connect, HistoryPage, Json, Part, PatchOp, Signal, ThreadPage } from "../generated.js";
import { type ClientError, ErrorAnswer, LinkRefused } from "./errors.js";
import { newId } from "./wire/ids.js";
import { type Backoff, socketUrl, type WebSocketClass } from "./wire/link.js";
import type { Answer, Ask, Asked, ServerPayload } from "./wire/protocol.js";
import { Requests } from "./requests.js";
import type { RoomState } from "./log/state.js";
import { type Tool, Toolbox } from "./toolbox.js";
import type { Change, RoomView, Status } from "./view.js";
import { Watch } from "./watch.js";

export interface RoomOptions {
    /** Of the server, such as "http://localhost:8000"; the page's own when left out. */
    readonly url?: string | undefined;
    readonly room: string;
    /** How others see a guest; the server tells it of whom it knows. It proves nothing, and is no identity. */
    readonly name?: string | undefined;
    /** Says who this is; a function is asked before each connection. */
    readonly token?: string | (() => string | Promise<string>) | undefined;
    /** `welcome.session` of an earlier connection: who has it is the same user again. It is a secret. */
    readonly session?: string | undefined;
    /** Functions that agents may call, by name. */
    readonly tools?: Readonly<Record<string, Tool>> | undefined;
    /** Names of the components that this client can show, and of the catalogues that it knows. */
    readonly components?: readonly string[] | undefined;
    readonly catalogs?: readonly string[] | undefined;
    /** Needed where there is none, as in Node 20. */
    readonly WebSocket?: WebSocketClass | undefined;
    /** Seconds to wait before each try to come back; 0.5 to 20, at random and growing, unless told. */
    readonly backoff?: Backoff | undefined;
}

export interface SendOptions {
    /**
     * The agents that must answer, in order; an empty list is talk among people. Otherwise `@name` or the team decides.
     */
    readonly to?: readonly string[] | undefined;
    /** The message that this one answers. */
    readonly replyTo?: string | undefined;
    /** What shall happen when the room is busy: answer afterwards ("queue") unless told. */
    readonly whenBusy?: "queue" | "interrupt" | "reject" | "steer" | undefined;
}

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
    readonly room: string;
    /** Resolves when the room is live for the first time; rejects when it is closed before that. */
    readonly ready: Promise<void>;
    readonly #options: RoomOptions;
    readonly #watch: Watch;
    readonly #requests = new Requests((action) => this.#watch.send(action));
    readonly #toolbox: Toolbox;
    readonly #listeners = new Set<(change: Change) => void>();
    readonly #mine = newId("c");
    #actions = 0;
    #typed = 0;

    constructor(options: RoomOptions) {
        const WebSocket = options.WebSocket ?? (globalThis.WebSocket as WebSocketClass | undefined);
        if (!WebSocket) throw new TypeError('WebSocket: there is none here; give that of the package "ws"');
        this.#options = options;
        this.room = options.room;
        this.#toolbox = new Toolbox(options.tools ?? {}, (call, ok, output) => this.#give(call, ok, output));
        let settle = { live: (): void => undefined, closed: (_: ClientError): void => undefined };
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
            answered: (payload: ServerPayload) => this.#requests.answered(payload),
            closed: (reason: ClientError) => {
                settle.closed(reason);
                this.#end(reason);
            },
            changed: (change: Change) => this.#changed(change),
            newId: () => this.#newId(),
        };
        this.#watch = new Watch(options.room, socketUrl(options.url ?? "/"), watcher, WebSocket, options.backoff);
        globalThis.addEventListener?.("online", this.#watch.wake);
        this.#watch.wake();
    }

    /** All there is to show. The same object until something changes. */
    get view(): RoomView {
        return this.#watch.view;
    }

    get state(): RoomState {
        return this.view.state;
    }

    get status(): Status {
        return this.view.status;
    }

    /** Be told of each new view, and what made it, until the function is called that this gives. */
    readonly subscribe = (listener: (change: Change) => void): (() => void) => {
        const told = (change: Change) => listener(change); // the same function may be given twice
        this.#listeners.add(told);
        return () => void this.#listeners.delete(told);
    };

    /**
     * Say something. The ack's `result` names the run that it started; until it is in the log, it is in `view.pending`.
     */
    async send(said: string | readonly Part[], { to, replyTo, whenBusy }: SendOptions = {}): Promise<Ack> {
        const parts: Part[] = typeof said === "string" ? [{ kind: "text", text: said }] : [...said];
        if (this.status === "closed") throw this.view.problem;
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
        } catch (error) {
            this.#watch.settle(id);
            throw error;
        }
    }

    /**
     * Answer a question that an agent asked people, or decline it. Rejects with `already_resolved` for who comes
     * second.
     */
    resolve(interrupt: string, value?: Json, { cancelled = false } = {}): Promise<Ack> {
        return this.act({ kind: "resolve", interrupt, status: cancelled ? "cancelled" : "resolved", value });
    }

    /** Stop a run, an agent's turn, or, naming neither, whatever runs in the room. */
    cancel(what: { run?: string; agent?: string; reason?: string } = {}): Promise<Ack> {
        return this.act({ kind: "cancel", ...what });
    }

    /** A person used a surface: its owner gets a turn. Rejects with `stale_state` when it has changed since. */
    uiAction(surface: string, name: string, context: Record<string, Json> = {}): Promise<Ack> {
        const version = this.state.surfaces.get(surface)?.version;
        return this.act({ kind: "ui_action", surface, name, context, version });
    }

    /** Make another room of this one, as it was at `at` in its log; gives the new room. */
    async fork(at: number, room = newId("room")): Promise<string> {
        await this.act({ kind: "fork", at, new_room: room });
        return room;
    }

    /** Make another room of this one, as it was when that message had just been said; gives the new room. */
    async branch(message: string, room = newId("room")): Promise<string> {
        await this.act({ kind: "branch", from_message: message, new_room: room });
        return room;
    }

    /** Give the floor to an agent: at once in an idle room, after the current turn in a busy one. */
    nextSpeaker(agent: string): Promise<Ack> {
        return this.act({ kind: "next_speaker", agent });
    }

    /** Change the room's shared state as it is now; rejects with `stale_state` when somebody was faster. */
    patchState(ops: readonly PatchOp[]): Promise<Ack> {
        return this.act({ kind: "patch_state", ops: [...ops], if_version: this.state.version });
    }

    /**
     * A page of the log, from before an entry (or from its end) backwards; what later entries supersede is left out.
     */
    history(before?: number, limit = 100): Promise<HistoryPage> {
        return this.act({ kind: "history", before, limit });
    }

    /** The user's threads, last used first; with `query` those in whose title or messages it is found, best first. */
    threads(what: { query?: string; archived?: boolean; cursor?: string; limit?: number } = {}): Promise<ThreadPage> {
        return this.act({ kind: "threads", limit: 50, ...what });
    }

    /**
     * Ask anything of the room; docs/protocol.md lists the actions. Waits for the answer, however long it takes. With
     * a `room` it is asked of that one, which need not be watched.
     */
    act<A extends Ask>(action: A): Promise<Answer<A["kind"]>> {
        const room = ("room" in action ? action.room : undefined) ?? this.room;
        const addressed = action.kind === "threads" ? action : { ...action, room };
        return this.#ask({ ...addressed, id: this.#newId() } as unknown as Asked & { kind: A["kind"] });
    }

    /** Tell the others that this person types, or no longer. Call it as often as you like. */
    typing(on = true): void {
        const now = Date.now();
        if (on ? now - this.#typed < TYPING : !this.#typed) return;
        this.#typed = on ? now : 0;
        this.signal({ typing: on });
    }

    /** Tell the others something small that is not kept; say it again while it holds, it expires after 30 s. */
    signal(what: Pick<Signal, "typing" | "status" | "data">): void {
        this.#watch.send({ kind: "signal", room: this.room, ...what });
    }

    /** Tell the others that this person was shown everything up to an entry. */
    seen(seq = this.state.seq): void {
        this.#watch.send({ kind: "seen", room: this.room, seq });
    }

    /** Leave. What was not answered is rejected; it may take effect nevertheless. */
    close(): void {
        this.#watch.close(new LinkRefused("the room was left", { code: "left" }));
    }

    #newId(): string {
        return `${this.#mine}.${++this.#actions}`;
    }

    async #hello(): Promise<Connect> {
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

    #ask<A extends Asked>(action: A): Promise<Answer<A["kind"]>> {
        if (this.status === "closed") return Promise.reject(this.view.problem);
        return this.#requests.ask(action) as Promise<Answer<A["kind"]>>;
    }

    #changed(change: Change): void {
        const { state, welcome } = this.view;
        if (welcome && (change.entries.length || change.replaced)) {
            // Of several windows of this user, the one whose action led to a call runs it; or one that finds it there.
            const called = change.entries.flatMap(({ cause, body }) =>
                body.event === "tool.ready" && cause?.startsWith(`${this.#mine}.`) ? [body] : [],
            );
            this.#toolbox.look(change.replaced ? state.calls.values() : called, state.calls, welcome.user);
        }
        for (const listener of [...this.#listeners]) {
            if (!this.#listeners.has(listener)) continue; // another one has just ended it
            try {
                listener(change);
            } catch (error) {
                queueMicrotask(() => {
                    throw error; // where errors are reported: a page that cannot show something still keeps up
                });
            }
        }
    }

    #give(call: string, ok: boolean, output: Json): void {
        this.act({ kind: "tool_result", call, ok, output }).catch((error: Error) => {
            const over =
                error instanceof LinkRefused || (error instanceof ErrorAnswer && error.code === "already_resolved");
            // What cannot be sent, as it is too large or no JSON, must not leave the agent waiting.
            if (ok && !over) this.#give(call, false, error.message);
        });
    }

    #end(reason: ClientError): void {
        globalThis.removeEventListener?.("online", this.#watch.wake);
        this.#toolbox.end();
        const deleted = reason instanceof LinkRefused && reason.code === "deleted";
        // The end of the room may come before the answer to who asked for it.
        this.#requests.end(reason, (asked) => deleted && asked.kind === "delete" && asked.room === this.room);
    }
}
