/**
 * Owns the view of one room: subscribes whenever there is a connection, folds what comes, asks again for what is
 * missing. It may not know what people do in the room.
 */
import type { Connect, Entry, Events, Resync, Subscribe, Subscribed, Welcome } from "../generated.js";
import { type ClientError, LinkRefused } from "./errors.js";
import { Follower, type Step } from "./log/follower.js";
import { FoldError, fold } from "./log/fold.js";
import { type Backoff, jitter, Link, type WebSocketClass } from "./wire/link.js";
import { PatchError } from "./log/patch.js";
import { arrived, changed } from "./presence.js";
import type { ActionPayload, ServerPayload } from "./wire/protocol.js";
import { fromSnapshot, type RoomState } from "./log/state.js";
import { BLANK, type Change, type Pending, type RoomView } from "./view.js";

/** What the owner of a watch is asked and told. */
export interface Watcher {
    /** The first words of a connection. */
    hello(): Connect | Promise<Connect>;
    /** The room is being watched, for the first time or again. */
    live(): void;
    /** What is no news of the room. */
    answered(payload: ServerPayload): void;
    /** There will be no more. */
    closed(reason: ClientError): void;
    /** There is another view. */
    changed(change: Change): void;
    newId(): string;
}

export class Watch {
    view: RoomView = BLANK;
    readonly #room: string;
    readonly #watcher: Watcher;
    readonly #follower: Follower;
    readonly #link: Link;
    #subscription = "";
    #again: ReturnType<typeof setTimeout> | undefined;
    #anew = false;

    constructor(room: string, url: string, watcher: Watcher, WebSocket: WebSocketClass, backoff: Backoff = jitter) {
        this.#room = room;
        this.#watcher = watcher;
        this.#follower = new Follower(room);
        const listener = {
            hello: () => watcher.hello(),
            up: (welcome: Welcome) => this.#up(welcome),
            receive: (payload: ServerPayload) => this.#receive(payload),
            down: (problem: ClientError) => this.#down(problem),
            refused: (reason: LinkRefused) => this.close(reason),
        };
        this.#link = new Link(url, listener, WebSocket, backoff);
    }

    /** Connect now, and anew: there may be another network. */
    readonly wake = (): void => this.#link.wake();

    /** Say something of the room, if it is live. */
    send(action: ActionPayload): void {
        if (this.view.status === "live") this.#link.send(action);
    }

    /** Show what was just said, until it is in the log. */
    expect(said: Pending): void {
        this.#show({ pending: [...this.view.pending, said] });
    }

    /** What was said stands at `seq` in the log, or, without, will never be there. */
    settle(id: string, seq?: number): void {
        if (!this.view.pending.some((said) => said.id === id)) return; // the log was faster, or it is all over
        const known = (said: Pending) => (said.id === id && seq !== undefined ? { ...said, seq } : said);
        const pending = this.view.pending.map(known).filter((said) => said.id !== id || said.seq !== undefined);
        this.#show({ pending: unsettled(pending, this.view.state) });
    }

    /** Stop watching. */
    close(reason: ClientError): void {
        if (this.view.status === "closed") return;
        clearTimeout(this.#again);
        this.#link.close();
        this.#show({ status: "closed", problem: reason, pending: [] });
        this.#watcher.closed(reason);
    }

    #up(welcome: Welcome): void {
        this.#show({ welcome });
        this.#subscribe();
    }

    #down(problem: ClientError): void {
        clearTimeout(this.#again);
        this.#show({ status: this.#follower.position ? "recovering" : "connecting", problem, typing: [] });
    }

    #subscribe(): void {
        this.#subscription = this.#watcher.newId();
        const since = this.#follower.since(this.#anew);
        const subscribe: Subscribe = { kind: "subscribe", id: this.#subscription, room: this.#room, recover: since };
        this.#link.send(subscribe);
    }

    #receive(payload: ServerPayload): void {
        switch (payload.kind) {
            case "subscribed":
            case "events":
            case "resync":
                if (payload.room === this.#room) this.#follow(payload);
                break;
            case "ephemeral":
                if (payload.room === this.#room) this.#show(changed(this.view, payload));
                break;
            case "unsubscribed":
                if (payload.room !== this.#room) break;
                if (payload.code === "lost") this.#subscribe();
                else if (payload.code === "deleted")
                    this.close(new LinkRefused("the room was deleted", { code: "deleted" }));
                else this.close(new LinkRefused(`the server stopped showing this room (${payload.code})`));
                break;
            case "error":
                if (payload.reply_to === this.#subscription) this.#unwelcome(payload);
                else this.#watcher.answered(payload);
                break;
            default:
                this.#watcher.answered(payload);
        }
    }

    #follow(frame: Subscribed | Events | Resync): void {
        const step = this.#follower.receive(frame);
        const state = step ? this.#after(step) : this.view.state;
        if (!state) {
            this.#subscribe();
            return;
        }
        const replaced = step?.kind === "picture";
        if (replaced) this.#anew = false;
        const entries = step?.kind === "news" ? step.entries : [];
        const { pending: waiting } = this.view;
        const before = replaced ? waiting.filter((said) => said.seq === undefined) : waiting;
        const pending = unsettled(before, state, entries);
        if (frame.kind !== "subscribed") {
            if (step) this.#show({ state, pending }, { entries, replaced });
            return;
        }
        const joins = this.view.status !== "live";
        const members = arrived(frame.members);
        this.#show({ state, pending, members, status: "live", problem: undefined }, { entries, replaced });
        if (joins) {
            this.#link.settled();
            this.#watcher.live();
        }
    }

    /** The state after a step; undefined when entries are missing. */
    #after(step: Step): RoomState | undefined {
        if (step.kind === "gap") return undefined;
        if (step.kind === "picture") return fromSnapshot(step.snapshot, this.#follower.position?.seq ?? 0);
        try {
            return step.entries.reduce(fold, this.view.state);
        } catch (problem) {
            if (!(problem instanceof FoldError || problem instanceof PatchError)) throw problem;
            this.#anew = true;
            return undefined;
        }
    }

    #unwelcome(refusal: Extract<ServerPayload, { kind: "error" }>): void {
        if (!refusal.retryable) {
            this.close(new LinkRefused(`the room cannot be watched: ${refusal.message}`));
            return;
        }
        this.#again = setTimeout(() => this.#subscribe(), 1000 * (refusal.retry_after ?? jitter(0)));
    }

    #show(change: Partial<RoomView>, why: Change = { entries: [], replaced: false }): void {
        this.view = { ...this.view, ...change };
        this.#watcher.changed(why);
    }
}

/**
 * What is still not in the log. A message there is known by its cause, or, when it came in a snapshot, by its place.
 */
function unsettled(pending: readonly Pending[], state: RoomState, entries: readonly Entry[] = []): readonly Pending[] {
    if (!pending.length) return pending;
    const said = new Set(entries.filter(({ body }) => body.event === "message.done").map(({ cause }) => cause));
    const still = pending.filter(({ id, seq }) => !said.has(id) && !(seq !== undefined && seq <= state.seq));
    return still.length < pending.length ? still : pending;
}
