/** The fold: a room's state is what its log adds up to. Pure, and the same as the server's: shared vectors prove it. */
import { applyPatch } from "./patch.js";
import { codePoints } from "./state.js";
/** An entry does not follow from the state: something was missed. */
export class FoldError extends Error {
}
const KEPT = 200; // newest messages, as in a snapshot; cut in bulk, when there are twice as many
/**
 * The state after one more entry. Kinds that this client does not know only count.
 *
 * @throws FoldError, PatchError
 */
export function fold(state, entry) {
    if (entry.seq !== state.seq + 1)
        throw new FoldError(`expected entry ${state.seq + 1}, got ${entry.seq}`);
    return { ...state, ...change(state, entry.body), seq: entry.seq };
}
function change(state, body) {
    switch (body.event) {
        case "room.opened":
            return { team: body.team, roster: body.roster, archived: state.archived && !body.forked_from };
        case "room.changed":
            return { title: body.title || state.title, archived: body.archived ?? state.archived };
        case "room.cleared":
            return { floor: undefined, summary: undefined, messages: [], more: false };
        case "room.summarised":
            return { summary: body };
        case "run.started":
            return { runs: put(state.runs, body.run, body) };
        case "run.finished":
            return { runs: without(state.runs, body.run) };
        case "turn.started":
            return { turns: put(state.turns, body.turn, body), floor: body.agent };
        case "turn.finished":
            return { turns: without(state.turns, body.turn) };
        case "agent.handoff":
            return { floor: body.target };
        case "agent.status":
            return {
                agents: body.status === "idle" ? without(state.agents, body.agent) : put(state.agents, body.agent, body),
            };
        case "message.started":
            return { streaming: put(state.streaming, body.message, { started: body, text: "", length: 0 }) };
        case "message.delta":
            return { streaming: put(state.streaming, body.message, grown(state, body)) };
        case "message.done":
            return { streaming: without(state.streaming, body.message), ...said(state, body) };
        case "message.removed":
            return {
                streaming: without(state.streaming, body.message),
                messages: state.messages.filter((message) => message.message !== body.message),
            };
        case "tool.started":
            return { started: put(state.started, body.call, body) };
        case "tool.ready":
            return { calls: put(state.calls, body.call, body) };
        case "tool.done":
        case "tool.removed":
            return { started: without(state.started, body.call), calls: without(state.calls, body.call) };
        case "ui.put":
            return { surfaces: put(state.surfaces, body.surface, shown(state, body)) };
        case "ui.patch":
            return { surfaces: put(state.surfaces, body.surface, patched(state, body)) };
        case "ui.removed":
            return state.surfaces.has(body.surface)
                ? { surfaces: without(state.surfaces, body.surface) }
                : { a2ui: without(state.a2ui, body.surface) };
        case "ui.a2ui":
            return { a2ui: put(state.a2ui, body.surface, body) };
        case "state.patched":
            follows("the shared state", state.version, body.version);
            return { shared: applyPatch(state.shared, body.ops), version: body.version };
        case "interrupt.opened":
            return { interrupts: put(state.interrupts, body.interrupt, body) };
        case "interrupt.resolved":
            return { interrupts: without(state.interrupts, body.interrupt) };
        default:
            return {};
    }
}
function grown(state, { message, text, at }) {
    const open = state.streaming.get(message);
    if (!open)
        throw new FoldError(`message ${message} is not streaming`);
    const length = open.length + codePoints(text);
    if (at !== length)
        throw new FoldError(`message ${message} has ${length} code points, the delta says ${at}`);
    return { ...open, text: open.text + text, length };
}
function said(state, message) {
    const messages = [...state.messages, message];
    return messages.length < 2 * KEPT
        ? { messages, more: state.more }
        : { messages: messages.slice(-KEPT), more: true };
}
function shown(state, surface) {
    follows(`surface ${surface.surface}`, state.surfaces.get(surface.surface)?.version ?? 0, surface.version);
    return surface;
}
function patched(state, { surface: id, ops, version }) {
    const surface = state.surfaces.get(id);
    if (!surface)
        throw new FoldError(`there is no surface ${id}`);
    follows(`surface ${id}`, surface.version, version);
    return { ...surface, props: applyPatch(surface.props, ops), version };
}
function follows(what, held, version) {
    if (version !== held + 1)
        throw new FoldError(`${what} is at version ${held}, not before ${version}`);
}
function put(map, key, value) {
    return new Map(map).set(key, value);
}
function without(map, key) {
    if (!map.has(key))
        return map;
    const rest = new Map(map);
    rest.delete(key);
    return rest;
}
