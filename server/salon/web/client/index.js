/** The client of Salon's rooms, for browsers, Node and workers. No dependency. */
export { ClientError, ErrorAnswer, LinkRefused, Unreachable } from "./errors.js";
export { fold, FoldError } from "./log/fold.js";
export { newId } from "./wire/ids.js";
export { jitter } from "./wire/link.js";
export { applyPatch, PatchError } from "./log/patch.js";
export { RoomClient } from "./room.js";
export { EMPTY, fromSnapshot } from "./log/state.js";
