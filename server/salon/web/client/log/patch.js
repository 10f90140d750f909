/** The patch does not apply. The server sends none that does not, so something was missed. */
export class PatchError extends Error {
}
/**
 * The document that the operations make of `document`. Sizes and depths are not bounded here: the server has applied
 * the patch before it was sent.
 *
 * @throws PatchError and `document` is as it was
 */
export function applyPatch(document, ops) {
    return ops.reduce(apply, document);
}
function apply(document, op) {
    const path = tokens(op.path);
    switch (op.op) {
        case "add":
            return add(document, path, op.value);
        case "replace":
            return edit(document, path, (parent, key) => put(parent, existing(parent, key), op.value), op.value);
        case "test":
            if (!equal(get(document, path), op.value))
                throw new PatchError(`${op.path} is not what was expected`);
            return document;
        case "remove":
            return remove(document, path);
        case "copy":
            return add(document, path, get(document, tokens(op.from)));
        case "move": {
            if (op.path.startsWith(`${op.from}/`))
                throw new PatchError(`${op.from} cannot be moved into itself`);
            const from = tokens(op.from);
            const value = get(document, from);
            return op.from === op.path ? document : add(remove(document, from), path, value);
        }
    }
}
function add(document, path, value) {
    const inserted = (parent, key) => Array.isArray(parent)
        ? parent.toSpliced(key === "-" ? parent.length : index(key, parent.length + 1), 0, value)
        : put(parent, key, value);
    return edit(document, path, inserted, value);
}
function remove(document, path) {
    if (!path.length)
        throw new PatchError("the whole document cannot be removed");
    const removed = (parent, key) => {
        const found = existing(parent, key);
        if (Array.isArray(parent))
            return parent.toSpliced(Number(found), 1);
        const { [found]: _, ...rest } = parent;
        return rest;
    };
    return edit(document, path, removed, null);
}
/**
 * The document with what `change` makes of the container that holds the end of `path`; `whole` is for an empty path.
 */
function edit(here, path, change, whole) {
    const [key, ...rest] = path;
    if (key === undefined)
        return whole;
    if (typeof here !== "object" || here === null)
        throw new PatchError(`nothing can be at ${key}`);
    if (!rest.length)
        return change(here, key);
    return put(here, key, edit(get(here, [key]), rest, change, whole));
}
function put(parent, key, value) {
    return Array.isArray(parent) ? parent.with(Number(key), value) : { ...parent, [key]: value };
}
function get(document, path) {
    return path.reduce((here, key) => {
        if (typeof here !== "object" || here === null)
            throw new PatchError(`nothing is at ${key}`);
        const found = existing(here, key);
        return (Array.isArray(here) ? here[Number(found)] : here[found]);
    }, document);
}
/** The key, if something is there. */
function existing(parent, key) {
    if (Array.isArray(parent))
        return String(index(key, parent.length));
    if (!Object.hasOwn(parent, key))
        throw new PatchError(`nothing is at ${key}`);
    return key;
}
function index(token, end) {
    if (!/^(0|[1-9]\d{0,14})$/.test(token) || Number(token) >= end)
        throw new PatchError(`no item is at ${token}`);
    return Number(token);
}
function tokens(pointer) {
    const found = pointer
        .split("/")
        .slice(1)
        .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
    if (found.includes("__proto__"))
        throw new PatchError("__proto__ is not allowed as a key");
    return found;
}
function equal(a, b) {
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null)
        return a === b;
    if (Array.isArray(a) !== Array.isArray(b))
        return false;
    const keys = Object.keys(a);
    const [left, right] = [a, b];
    return (keys.length === Object.keys(b).length &&
        keys.every((key) => Object.hasOwn(b, key) && equal(left[key], right[key])));
}
