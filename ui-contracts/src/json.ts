/** The door before the schemas: which texts are read at all, the same as on the server. */
import type { Json } from "./generated.js";

/** How deep objects and arrays may be nested in a frame, the outermost being level 1. */
export const DEEPEST = 32;

/**
 * What a text frame says. Check it with a schema next, such as `ServerFrame`.
 * Throws a SyntaxError for what is no JSON, is nested deeper than `deepest`, has a key `__proto__` or a lone surrogate.
 */
export function readJson(text: string, deepest = DEEPEST): Json {
    const value = JSON.parse(text) as Json;
    let level = containers([value]);
    for (let depth = 1; level.length > 0; depth++) {
        if (depth > deepest) throw new SyntaxError(`nested deeper than ${deepest} levels`);
        level = level.flatMap((container) => containers(Object.values(container)));
    }
    return value;
}

type Container = Json[] | { [key: string]: Json };

/** The objects and arrays among the values; what all of them say is checked on the way. */
function containers(values: Json[]): Container[] {
    const found: Container[] = [];
    for (const value of values) {
        if (typeof value === "string") checkText(value);
        if (typeof value !== "object" || value === null) continue;
        if (!Array.isArray(value)) Object.keys(value).forEach(checkKey);
        found.push(value);
    }
    return found;
}

function checkKey(key: string): void {
    if (key === "__proto__") throw new SyntaxError("has a key __proto__");
    checkText(key);
}

function checkText(text: string): void {
    if (!text.isWellFormed()) throw new SyntaxError("has a lone surrogate");
}
