/** The client of Salon's rooms, for browsers, Node and workers. No dependency. */
export { ClientError, ErrorAnswer, LinkRefused, Unreachable } from "./errors.js";
export { fold, FoldError } from "./log/fold.js";
export { newId } from "./wire/ids.js";
export { jitter, type Backoff, type WebSocketClass } from "./wire/link.js";
export { applyPatch, PatchError } from "./log/patch.js";
export type { Presence, Present } from "./presence.js";
export { RoomClient, type RoomOptions, type SendOptions } from "./room.js";
export { EMPTY, fromSnapshot, type OpenMessage, type RoomState } from "./log/state.js";
export type { Answer, Ask } from "./wire/protocol.js";
export type { Tool } from "./toolbox.js";
export type { Change, Pending, RoomView, Status } from "./view.js";
