/** JSON Patch (RFC 6902) on plain JSON values. What exists is never changed: only containers on the way are copied. */
import type { AddOp, Json, MoveOp, RemoveOp } from "../../generated.js";

export type PatchOp = AddOp | RemoveOp | MoveOp;

/** The patch does not apply. The server sends none that does not, so something was missed. */
export class PatchError extends Error {}

/**
 * The document that the operations make of `document`. Sizes and depths are not bounded here: the server has applied
 * the patch before it was sent.
 *
 * @throws PatchError and `document` is as it was
 */
export function applyPatch(document: Json, ops: readonly PatchOp[]): Json {
    return ops.reduce(apply, document);
}

function apply(document: Json, op: PatchOp): Json {
    const path = tokens(op.path);
    switch (op.op) {
        case "add":
            return add(document, path, op.value);
        case "replace":
            return edit(document, path, (parent, key) => put(parent, existing(parent, key), op.value), op.value);
        case "test":
            if (!equal(get(document, path), op.value)) throw new PatchError(`${op.path} is not what was expected`);
            return document;
        case "remove":
            return remove(document, path);
        case "copy":
            return add(document, path, get(document, tokens(op.from)));
        case "move": {
            if (op.path.startsWith(`${op.from}/`)) throw new PatchError(`${op.from} cannot be moved into itself`);
            const from = tokens(op.from);
            const value = get(document, from);
            return op.from === op.path ? document : add(remove(document, from), path, value);
        }
    }
}

function add(document: Json, path: string[], value: Json): Json {
    const inserted = (parent: Container, key: string): Json =>
        Array.isArray(parent)
            ? parent.toSpliced(key === "-" ? parent.length : index(key, parent.length + 1), 0, value)
            : put(parent, key, value);
    return edit(document, path, inserted, value);
}

function remove(document: Json, path: string[]): Json {
    if (!path.length) throw new PatchError("the whole document cannot be removed");
    const removed = (parent: Container, key: string): Json => {
        const found = existing(parent, key);
        if (Array.isArray(parent)) return parent.toSpliced(Number(found), 1);
        const { [found]: _, ...rest } = parent;
        return rest;
    };
    return edit(document, path, removed, null);
}

type Container = Json[] | { [key: string]: Json };

/**
 * The document with what `change` makes of the container that holds the end of `path`; `whole` is for an empty path.
 */
function edit(here: Json, path: string[], change: (parent: Container, key: string) => Json, whole: Json): Json {
    const [key, ...rest] = path;
    if (key === undefined) return whole;
    if (typeof here !== "object" || here === null) throw new PatchError(`nothing can be at ${key}`);
    if (!rest.length) return change(here, key);
    return put(here, key, edit(get(here, [key]), rest, change, whole));
}

function put(parent: Container, key: string, value: Json): Json {
    return Array.isArray(parent) ? parent.with(Number(key), value) : { ...parent, [key]: value };
}

function get(document: Json, path: string[]): Json {
    return path.reduce<Json>((here, key) => {
        if (typeof here !== "object" || here === null) throw new PatchError(`nothing is at ${key}`);
        const found = existing(here, key);
        return (Array.isArray(here) ? here[Number(found)] : here[found]) as Json;
    }, document);
}

/** The key, if something is there. */
function existing(parent: Container, key: string): string {
    if (Array.isArray(parent)) return String(index(key, parent.length));
    if (!Object.hasOwn(parent, key)) throw new PatchError(`nothing is at ${key}`);
    return key;
}

function index(token: string, end: number): number {
    if (!/^(0|[1-9]\d{0,14})$/.test(token) || Number(token) >= end) throw new PatchError(`no item is at ${token}`);
    return Number(token);
}

function tokens(pointer: string): string[] {
    const found = pointer
        .split("/")
        .slice(1)
        .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
    if (found.includes("__proto__")) throw new PatchError("__proto__ is not allowed as a key");
    return found;
}

function equal(a: Json, b: Json): boolean {
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
    if (Array.isArray(a) !== Array.isArray(b)) return false;
    const keys = Object.keys(a);
    const [left, right] = [a, b] as Record<string, Json>[];
    return (
        keys.length === Object.keys(b).length &&
        keys.every((key) => Object.hasOwn(b, key) && equal(left![key] as Json, right![key] as Json))
    );
}
