/** What an agent does in a turn beside speaking: thoughts, calls of tools, surfaces. Pure. */

/**
 * The block that an event makes, or what it changes of one; null for an event that a reader does not see.
 * @param {{event: string}} body
 */
export function blockOf(body) {
    switch (body.event) {
        case "reasoning.delta":
            return { kind: "thinking", id: body.turn ?? body.run, turn: body.turn, add: body.text };
        case "tool.started":
            return call(body, { open: true });
        case "tool.args":
            return { kind: "call", id: body.call, add: body.text };
        case "tool.ready":
            return call(body, { args: body.args, assignee: body.assignee, open: true });
        case "tool.done":
            return { kind: "call", id: body.call, ok: body.ok, output: body.output, open: false };
        case "tool.removed":
            return { kind: "call", id: body.call, removed: true };
        case "ui.put":
        case "ui.a2ui":
            return { kind: "surface", id: body.surface, agent: body.owner };
        default:
            return null;
    }
}

/**
 * The blocks with one more, or with one changed: what `block` does not tell stays, and a text that comes in pieces
 * (`add`) grows.
 */
export function withBlock(blocks, block) {
    const { add, ...told } = block;
    const place = blocks.findIndex(({ kind, id }) => kind === block.kind && id === block.id);
    const changed = place === -1 ? {} : { ...blocks[place] };
    for (const [name, value] of Object.entries(told)) {
        if (value !== undefined) changed[name] = value;
    }
    if (add !== undefined) changed.text = (changed.text ?? "") + add;
    if (changed.removed) return place === -1 ? blocks : blocks.toSpliced(place, 1);
    return place === -1 ? [...blocks, changed] : blocks.with(place, changed);
}

function call({ call: id, name, where, agent, turn }, more) {
    return { kind: "call", id, name, where, agent, turn, ...more };
}
