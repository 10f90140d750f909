/** A room as it was at an entry of its log. It can be looked at, and nothing can be done with it. */

import { EMPTY, fold } from "../client/index.js";
import { Feed } from "../feed/feed.js";

/** What stands in for a live room where the page draws one. */
export class Then {
    /**
     * @param {import("../room/live.js").Live} live
     * @param {object[]} entries the room's log up to then
     */
    constructor(live, entries) {
        this.room = live.room;
        this.me = live.me;
        this.view = live.view;
        this.called = (id) => live.called(id);
        this.feed = new Feed();
        for (const entry of entries) this.feed.apply(entry);
        this.state = entries.reduce(after, { ...EMPTY, roster: live.state.roster });
    }

    /** Nothing changes any more. */
    subscribe() {
        return () => undefined;
    }

    /** Nothing can be done any more. */
    act() {
        return Promise.reject(new Error("This is how the room was. Go back to the conversation to do something."));
    }
}

/** Stored entries have gaps, where later ones superseded what was there; and a log may be known from its middle on. */
function after(state, entry) {
    try {
        return fold({ ...state, seq: entry.seq - 1 }, entry);
    } catch (error) {
        console.info(`Entry ${entry.seq} changes something from before what was read.`, error);
        return { ...state, seq: entry.seq };
    }
}
