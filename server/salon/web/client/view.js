import { NOBODY } from "./presence.js";
import { EMPTY } from "./log/state.js";
export const BLANK = {
    status: "connecting",
    problem: undefined,
    state: EMPTY,
    pending: [],
    welcome: undefined,
    ...NOBODY,
};
