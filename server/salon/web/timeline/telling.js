/** What an entry of the log is about, in a line: whose it is, what kind, what it says, what it cost. Pure. */

import { whyOf } from "../elements/people.js";
import { textOf } from "../feed/words.js";

const LONGEST = 300;

/** The kinds of entries that a reader may want to see or not, and the events of each. */
export const KINDS = {
    talk: ["message.started", "message.done", "message.removed", "floor.given"],
    turns: ["run.started", "run.finished", "turn.started", "turn.finished", "agent.handoff"],
    tools: ["tool.started", "tool.ready", "tool.done", "tool.removed", "guardrail.blocked", "job.updated"],
    surfaces: ["ui.put", "ui.patch", "ui.removed", "ui.a2ui", "state.patched"],
    questions: ["interrupt.opened", "interrupt.resolved"],
    usage: ["usage"],
    pieces: ["message.delta", "reasoning.delta", "tool.args", "agent.status"],
};

const KIND_OF = new Map(Object.entries(KINDS).flatMap(([kind, events]) => events.map((event) => [event, kind])));

/** The kind of an event; `room` for what happens to the room itself. @param {string} event */
export function kindOf(event) {
    return KIND_OF.get(event) ?? "room";
}

/** Entries with what their own body does not say: whose turn, message, call or surface each is about. */
export class Telling {
    /** @type {{entry: object, kind: string, who?: string, what: string, cost: string}[]} */
    rows = [];
    #owners = new Map();

    /**
     * The rows of a log; what was told already is not told again while the log only grows.
     * @param {{seq: number, at: number, cause?: string, body: object}[]} entries
     */
    of(entries) {
        const grown = this.rows.length <= entries.length && this.rows[0]?.entry === entries[0];
        if (!grown) this.#owners.clear();
        if (grown && this.rows.length === entries.length) return this.rows;
        const known = grown ? this.rows : [];
        this.rows = [...known, ...entries.slice(known.length).map((entry) => this.#row(entry))];
        return this.rows;
    }

    #row(entry) {
        const { body } = entry;
        const ids = [body.turn, body.message, body.call, body.surface, body.interrupt];
        const who = namedIn(body) ?? this.#owners.get(ids.find((id) => this.#owners.has(id)));
        for (const id of ids) {
            if (id !== undefined && who !== undefined && !this.#owners.has(id)) this.#owners.set(id, who);
        }
        return {
            entry,
            kind: kindOf(body.event),
            who,
            what: whatOf(body).slice(0, LONGEST).replaceAll(/\s+/g, " "),
            cost: costOf(body),
        };
    }
}

function namedIn(body) {
    switch (body.event) {
        case "floor.given":
        case "interrupt.resolved":
            return body.by;
        case "agent.handoff":
            return body.source;
        default:
            return body.author?.id ?? body.owner ?? body.agent;
    }
}

const WORDS = {
    "room.opened": ({ team, roster, forked_from: from }) =>
        from ? `a copy of ${from}` : `team ${team}: ${roster.map(({ id }) => id).join(", ")}`,
    "run.started": ({ run }) => run,
    "run.finished": ({ outcome, reason }) => because(outcome, reason),
    "turn.started": ({ chosen, model, source }) =>
        `${whyOf(chosen)}${model ? ` · ${model}` : ""}${source === "mock" && model !== "mock" ? " (mock)" : ""}`,
    "turn.finished": ({ outcome, reason }) => because(outcome, reason),
    "message.delta": ({ text }) => text,
    "message.done": ({ parts }) => textOf(parts),
    "reasoning.delta": ({ text }) => text,
    "tool.started": ({ name }) => name,
    "tool.args": ({ text }) => text,
    "tool.ready": ({ name, args }) => `${name} ${JSON.stringify(args)}`,
    "tool.done": ({ ok, output }) =>
        `${ok ? "" : "failed: "}${typeof output === "string" ? output : JSON.stringify(output)}`,
    "ui.put": ({ component, props, version }) =>
        `${component}${typeof props.title === "string" ? ` “${props.title}”` : ""} v${version}`,
    "ui.patch": ({ ops, version }) => `${ops.map(({ op, path }) => `${op} ${path}`).join(", ")} v${version}`,
    "state.patched": ({ ops, version }) => `${ops.map(({ op, path }) => `${op} ${path}`).join(", ")} v${version}`,
    "agent.handoff": ({ target, reason }) => because(`to ${target}`, reason),
    "agent.status": ({ status }) => status,
    "floor.given": ({ agent }) => `to ${agent}`,
    "interrupt.opened": ({ reason, message }) => because(reason, message),
    "interrupt.resolved": ({ status, value }) =>
        because(status, value === undefined ? undefined : JSON.stringify(value)),
    "room.forked": ({ room, at }) => `at ${at} into ${room}`,
    "room.changed": ({ title, archived }) => title ?? (archived ? "into the archive" : "out of the archive"),
    "room.summarised": ({ text, upto }) => `up to ${upto}: ${text}`,
    "job.updated": ({ name, status }) => `${name}: ${status}`,
    "guardrail.blocked": ({ where, kind, reason }) => `${kind} in ${where}: ${reason}`,
    usage: ({ model }) => model,
    custom: ({ name, value }) => `${name} ${JSON.stringify(value)}`,
};

function whatOf(body) {
    return WORDS[body.event]?.(body) ?? "";
}

function because(what, reason) {
    return reason ? `${what}: ${reason}` : what;
}

function costOf({ event, input_tokens: read, output_tokens: written, credits, usage }) {
    const tokens =
        event === "usage"
            ? `${read} → ${written}`
            : usage?.input_tokens === undefined
              ? ""
              : `Σ ${usage.input_tokens} → ${usage.output_tokens ?? 0}`;
    return [tokens, credits && `${credits} cr`].filter(Boolean).join(" · ");
}
