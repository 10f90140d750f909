const NOWHERE = { epoch: "none", seq: 0 }; // no log has it, so nothing can be recovered from it
/**
 * Follows one room through reconnects. Whoever owns the connection subscribes with `since()` when it opens and after
 * every gap, and gives everything the server says of the room to `receive`.
 */
export class Follower {
    position;
    #room;
    #subscribing = true;
    constructor(room) {
        this.#room = room;
    }
    /** The `recover` of a subscription; entries are ignored until it is answered. With `anew`, a picture answers it. */
    since(anew = false) {
        this.#subscribing = true;
        return anew && this.position ? NOWHERE : this.position;
    }
    /** What a frame brings; undefined when it is nothing new, or of another room. */
    receive(frame) {
        if (frame.room !== this.#room)
            return undefined;
        if (frame.kind === "events")
            return this.#arrived(frame.entries);
        if (frame.kind === "resync")
            return this.#replaced(frame.position, frame.snapshot);
        this.#subscribing = false;
        if (frame.snapshot && !frame.recovered)
            return this.#replaced(frame.position, frame.snapshot);
        const seen = this.position?.seq ?? 0;
        this.position = frame.position;
        const entries = frame.events.filter((entry) => entry.seq > seen);
        return entries.length ? { kind: "news", entries } : undefined;
    }
    #replaced(position, snapshot) {
        const rewound = this.position !== undefined && this.position.epoch !== position.epoch;
        this.position = position;
        return { kind: "picture", snapshot, rewound };
    }
    #arrived(arrived) {
        if (this.#subscribing || !this.position)
            return undefined;
        let { seq } = this.position;
        const entries = [];
        for (const entry of arrived) {
            if (entry.seq <= seq)
                continue;
            if (entry.seq !== seq + 1) {
                // What came before the gap in this frame comes again with the answer to the next subscription.
                this.#subscribing = true;
                return { kind: "gap" };
            }
            seq = entry.seq;
            entries.push(entry);
        }
        this.position = { epoch: this.position.epoch, seq };
        return entries.length ? { kind: "news", entries } : undefined;
    }
}
