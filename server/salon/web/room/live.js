/** One room as this page lives it: the client, the part of its log that was read, and the feed made of that. */

import { RoomClient } from "../client/index.js";
import { CAN_SHOW } from "../surfaces/surface.js";
import { Feed } from "../feed/feed.js";
import { Frames } from "../timeline/frames.js";
import { myName } from "./name.js";

const PAGE = 200;
const SESSION = "salon.session";

/** Follows a room for as long as it is shown. */
export class Live {
    /** Every entry of the log that was read so far, in order. */
    entries = [];
    feed = new Feed();
    /** What went over the connection, as it was. */
    frames = new Frames();
    /** Whether the log has entries before these. */
    more = false;
    /** What the log's first pages are still waited for. */
    reading = true;
    #client;
    #listeners = new Set();
    #told = false;

    /** @param {string} room */
    constructor(room) {
        this.room = room;
        const session = localStorage.getItem(SESSION) ?? undefined;
        this.#client = new RoomClient({
            url: new URL(".", document.baseURI).href,
            room,
            name: myName(),
            components: CAN_SHOW,
            WebSocket: this.frames.WebSocket,
            ...(session && { session }),
        });
        this.#client.subscribe((change) => this.#take(change));
    }

    /** What the client knows: `{status, problem, state, pending, welcome, members, typing}`. */
    get view() {
        return this.#client.view;
    }

    get state() {
        return this.view.state;
    }

    /** This person's id. */
    get me() {
        return this.view.welcome?.user ?? null;
    }

    /** What a person calls themselves, as far as that was seen here. @param {string} id */
    called(id) {
        const here = [...this.view.members.values()].find(({ user }) => user === id);
        return here?.name ?? this.state.messages.findLast(({ author }) => author.id === id)?.author.name;
    }

    /** Whether agents are at work. */
    get busy() {
        return this.state.runs.size > 0;
    }

    /** Calls `listener` when something has changed, at most once a frame; gives the way to stop that. */
    subscribe(listener) {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
    }

    /**
     * Asks something of the room: an action of the protocol, without its id and room. Resolves with the answer, rejects
     * with an error that has a `code` and says in its message what to do.
     */
    act(action) {
        return this.#client.act(action);
    }

    /**
     * Says something. `to`: the agents that must answer; empty: nobody need answer; left out: whoever fits.
     * @param {string} text
     * @param {string[]} [to]
     */
    say(text, to) {
        this.type(false);
        return this.#client.send(text, to && { to });
    }

    /** Tells the others that this person types, or does no longer. */
    type(on = true) {
        this.#client.typing(on);
    }

    /** Reads the page of the log before the oldest entry that was read; or all from `seq` on, which is shown at once. */
    async older(seq = Infinity) {
        const oldest = this.entries[0]?.seq ?? 1;
        let read = { entries: [], more: true };
        do {
            const before = read.entries[0]?.seq ?? oldest;
            const page = await this.act({ kind: "history", before, limit: PAGE });
            if (this.entries[0]?.seq !== oldest) return; // the room was shown anew meanwhile
            read = { entries: [...page.entries, ...read.entries], more: page.more };
        } while (read.more && read.entries[0]?.seq > seq);
        this.#read(read);
    }

    close() {
        this.#listeners.clear();
        this.#client.close();
    }

    #take({ entries, replaced }) {
        const { welcome, state } = this.view;
        if (welcome !== undefined) localStorage.setItem(SESSION, welcome.session);
        if (replaced) void this.#begin(state);
        for (const entry of entries) {
            this.entries.push(entry);
            this.feed.apply(entry);
        }
        this.#tell();
    }

    /** The room was given as a whole: its log is read back from there. */
    async #begin(state) {
        const feed = new Feed();
        feed.resume(state.streaming);
        this.entries = [];
        this.feed = feed;
        this.more = false;
        this.reading = state.seq > 0;
        if (!this.reading) return;
        const page = await this.act({ kind: "history", before: state.seq + 1, limit: PAGE });
        if (this.feed !== feed) return; // the room was given anew meanwhile
        this.reading = false;
        this.#read(page);
    }

    /** Takes a page of the log that comes before all that is here. */
    #read({ entries, more }) {
        this.entries = [...entries, ...this.entries];
        this.more = more;
        this.feed.prepend(entries);
        this.#tell();
    }

    #tell() {
        if (this.#told) return;
        this.#told = true;
        const tell = () => {
            this.#told = false;
            for (const listener of this.#listeners) listener();
        };
        if (document.hidden)
            setTimeout(tell, 100); // no frames are drawn then
        else requestAnimationFrame(tell);
    }
}
