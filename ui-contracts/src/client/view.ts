/**
 * What a room looks like to its watcher: the log's state, and what surrounds it. Types, and the view before everything.
 */
import type { Entry, Send, Welcome } from "../generated.js";
import type { ClientError } from "./errors.js";
import { NOBODY, type Presence } from "./presence.js";
import { EMPTY, type RoomState } from "./log/state.js";

/** `live`: what is shown is the room as it is now. `recovering`: it was, and the connection is being restored. */
export type Status = "connecting" | "live" | "recovering" | "closed";

/** Something this client said that has not come back in the room's log: it can be shown at once. */
export interface Pending {
    readonly id: string;
    readonly parts: Send["parts"];
    readonly to: readonly string[] | undefined;
    /** Where the message stands in the log, once that is known. */
    readonly seq?: number;
}

/** All there is to show, as one value that is never changed: a new one takes its place. */
export interface RoomView extends Presence {
    readonly status: Status;
    /** Why the room is not live. */
    readonly problem: ClientError | undefined;
    readonly state: RoomState;
    readonly pending: readonly Pending[];
    /** What the server said of itself, and who this is to it. */
    readonly welcome: Welcome | undefined;
}

/**
 * What made a new view: entries of the log, or (`replaced`) a picture of the room in place of all before, or neither.
 */
export interface Change {
    readonly entries: readonly Entry[];
    readonly replaced: boolean;
}

export const BLANK: RoomView = {
    status: "connecting",
    problem: undefined,
    state: EMPTY,
    pending: [],
    welcome: undefined,
    ...NOBODY,
};
