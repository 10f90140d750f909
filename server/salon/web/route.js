/**
 * What the page shows, as its address says: `#/{room}`, `#/{room}/at/{seq}` (the message there),
 * `#/{room}/timeline`, `#/{room}/compare/{other}`. Pure.
 */

/** @typedef {{view: "room" | "timeline" | "compare", room: string, other?: string, at?: number}} Route */

const ROOM_ID = /^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,127}$/;

/**
 * The route of an address's hash; null when it names no room.
 * @param {string} hash
 * @returns {Route | null}
 */
export function routeOf(hash) {
    const [room, view, other] = hash.replace(/^#\/?/, "").split("/").map(decoded);
    if (!ROOM_ID.test(room)) return null;
    if (view === "timeline") return { view, room };
    if (view === "compare" && other !== undefined && ROOM_ID.test(other)) return { view, room, other };
    if (view === "at" && /^[1-9]\d{0,15}$/.test(other)) return { view: "room", room, at: Number(other) };
    return { view: "room", room };
}

/**
 * The hash of a route.
 * @param {Route} route
 */
export function hashOf({ view, room, other, at }) {
    const rest = view !== "room" ? [view, other] : at !== undefined ? ["at", at] : [];
    return `#/${[room, ...rest.filter((part) => part !== undefined)].map(encodeURIComponent).join("/")}`;
}

/** A name for a new room, which nobody can guess. */
export function newRoom() {
    const bytes = crypto.getRandomValues(new Uint8Array(9));
    return `room-${btoa(String.fromCharCode(...bytes))
        .replaceAll("+", "a")
        .replaceAll("/", "b")
        .toLowerCase()}`;
}

/** @param {string} part */
function decoded(part) {
    try {
        return decodeURIComponent(part);
    } catch {
        return ""; // a broken escape names nothing
    }
}
