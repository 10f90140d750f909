import { LinkRefused } from "./errors.js";
import { Follower } from "./log/follower.js";
import { FoldError, fold } from "./log/fold.js";
import { jitter, Link } from "./wire/link.js";
import { PatchError } from "./log/patch.js";
import { arrived, changed } from "./presence.js";
import { fromSnapshot } from "./log/state.js";
import { BLANK } from "./view.js";
export class Watch {
    view = BLANK;
    #room;
    #watcher;
    #follower;
    #link;
    #subscription = "";
    #again;
    #anew = false;
    constructor(room, url, watcher, WebSocket, backoff = jitter) {
        this.#room = room;
        this.#watcher = watcher;
        this.#follower = new Follower(room);
        const listener = {
            hello: () => watcher.hello(),
            up: (welcome) => this.#up(welcome),
            receive: (payload) => this.#receive(payload),
            down: (problem) => this.#down(problem),
            refused: (reason) => this.close(reason),
        };
        this.#link = new Link(url, listener, WebSocket, backoff);
    }
    /** Connect now, and anew: there may be another network. */
    wake = () => this.#link.wake();
    /** Say something of the room, if it is live. */
    send(action) {
        if (this.view.status === "live")
            this.#link.send(action);
    }
    /** Show what was just said, until it is in the log. */
    expect(said) {
        this.#show({ pending: [...this.view.pending, said] });
    }
    /** What was said stands at `seq` in the log, or, without, will never be there. */
    settle(id, seq) {
        if (!this.view.pending.some((said) => said.id === id))
            return; // the log was faster, or it is all over
        const known = (said) => (said.id === id && seq !== undefined ? { ...said, seq } : said);
        const pending = this.view.pending.map(known).filter((said) => said.id !== id || said.seq !== undefined);
        this.#show({ pending: unsettled(pending, this.view.state) });
    }
    /** Stop watching. */
    close(reason) {
        if (this.view.status === "closed")
            return;
        clearTimeout(this.#again);
        this.#link.close();
        this.#show({ status: "closed", problem: reason, pending: [] });
        this.#watcher.closed(reason);
    }
    #up(welcome) {
        this.#show({ welcome });
        this.#subscribe();
    }
    #down(problem) {
        clearTimeout(this.#again);
        this.#show({ status: this.#follower.position ? "recovering" : "connecting", problem, typing: [] });
    }
    #subscribe() {
        this.#subscription = this.#watcher.newId();
        const since = this.#follower.since(this.#anew);
        const subscribe = { kind: "subscribe", id: this.#subscription, room: this.#room, recover: since };
        this.#link.send(subscribe);
    }
    #receive(payload) {
        switch (payload.kind) {
            case "subscribed":
            case "events":
            case "resync":
                if (payload.room === this.#room)
                    this.#follow(payload);
                break;
            case "ephemeral":
                if (payload.room === this.#room)
                    this.#show(changed(this.view, payload));
                break;
            case "unsubscribed":
                if (payload.room !== this.#room)
                    break;
                if (payload.code === "lost")
                    this.#subscribe();
                else if (payload.code === "deleted")
                    this.close(new LinkRefused("the room was deleted", { code: "deleted" }));
                else
                    this.close(new LinkRefused(`the server stopped showing this room (${payload.code})`));
                break;
            case "error":
                if (payload.reply_to === this.#subscription)
                    this.#unwelcome(payload);
                else
                    this.#watcher.answered(payload);
                break;
            default:
                this.#watcher.answered(payload);
        }
    }
    #follow(frame) {
        const step = this.#follower.receive(frame);
        const state = step ? this.#after(step) : this.view.state;
        if (!state) {
            this.#subscribe();
            return;
        }
        const replaced = step?.kind === "picture";
        if (replaced)
            this.#anew = false;
        const entries = step?.kind === "news" ? step.entries : [];
        const { pending: waiting } = this.view;
        const before = replaced ? waiting.filter((said) => said.seq === undefined) : waiting;
        const pending = unsettled(before, state, entries);
        if (frame.kind !== "subscribed") {
            if (step)
                this.#show({ state, pending }, { entries, replaced });
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
    #after(step) {
        if (step.kind === "gap")
            return undefined;
        if (step.kind === "picture")
            return fromSnapshot(step.snapshot, this.#follower.position?.seq ?? 0);
        try {
            return step.entries.reduce(fold, this.view.state);
        }
        catch (problem) {
            if (!(problem instanceof FoldError || problem instanceof PatchError))
                throw problem;
            this.#anew = true;
            return undefined;
        }
    }
    #unwelcome(refusal) {
        if (!refusal.retryable) {
            this.close(new LinkRefused(`the room cannot be watched: ${refusal.message}`));
            return;
        }
        this.#again = setTimeout(() => this.#subscribe(), 1000 * (refusal.retry_after ?? jitter(0)));
    }
    #show(change, why = { entries: [], replaced: false }) {
        this.view = { ...this.view, ...change };
        this.#watcher.changed(why);
    }
}
/**
 * What is still not in the log. A message there is known by its cause, or, when it came in a snapshot, by its place.
 */
function unsettled(pending, state, entries = []) {
    if (!pending.length)
        return pending;
    const said = new Set(entries.filter(({ body }) => body.event === "message.done").map(({ cause }) => cause));
    const still = pending.filter(({ id, seq }) => !said.has(id) && !(seq !== undefined && seq <= state.seq));
    return still.length < pending.length ? still : pending;
}
