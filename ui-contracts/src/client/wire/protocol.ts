/** The shapes of the wire as this client speaks of them. Types only. */
import type {
    Ack,
    Action,
    ErrorPayload,
    HistoryPage,
    ServerAction,
    StateUpdate,
    ThreadPage,
    Welcome,
} from "../../generated.js";

/** What a client may ask. */
export type ActionPayload = Action["payload"];

/**
 * What a server says, in one vocabulary: an error is a kind among others. Heartbeats and the welcome are the link's.
 */
export type ServerPayload =
    Exclude<StateUpdate["payload"] | ServerAction["payload"], Welcome> | (ErrorPayload & { kind: "error" });

type Answered = Exclude<
    ActionPayload,
    { kind: "connect" | "refresh" | "subscribe" | "unsubscribe" | "signal" | "seen" }
>;

/** An action that is answered, without its id; and without its room, if that is the client's own. */
export type Ask = Answered extends infer A ? (A extends Answered ? Unaddressed<A> : never) : never;

type Unaddressed<A> = A extends { room: string }
    ? Omit<A, "id" | "room"> & { readonly room?: string | undefined }
    : Omit<A, "id">;

/** What answers it. */
export type Answer<K = Ask["kind"]> = K extends "history" ? HistoryPage : K extends "threads" ? ThreadPage : Ack;

/** An action as it goes out. */
export type Asked = Answered;
