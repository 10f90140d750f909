/** What a room's log adds up to: who handed the floor to whom, and what each agent used. Pure. */

/** Everyone who is no agent, as one place in the graph. */
export const PEOPLE = "people";

/** Rules of choosing a speaker by which the floor comes from the people. */
const FROM_PEOPLE = new Set(["host", "sticky", "mention", "person", "surface"]);

/**
 * How the floor went round.
 * @param {{seq: number, body: object}[]} entries
 * @returns {{from: string, to: string, count: number, reasons: string[], seqs: number[]}[]}
 */
export function floorOf(entries) {
    const ways = new Map();
    const went = (from, to, seq, reason) => {
        const key = `${from} ${to}`;
        const way = ways.get(key) ?? { from, to, count: 0, reasons: [], seqs: [] };
        ways.set(key, {
            ...way,
            count: way.count + 1,
            reasons: reason ? [...way.reasons, reason] : way.reasons,
            seqs: [...way.seqs, seq],
        });
    };
    const asked = new Set(); // runs whose first turn was seen
    for (const { seq, body } of entries) {
        if (body.event === "agent.handoff") went(body.source, body.target, seq, body.reason);
        if (body.event !== "turn.started") continue;
        const { run, agent, chosen } = body;
        if (FROM_PEOPLE.has(chosen.rule) && !asked.has(run)) went(PEOPLE, agent, seq, undefined);
        else if (chosen.rule === "graph") went(chosen.by ?? PEOPLE, agent, seq, chosen.reason);
        asked.add(run);
    }
    return [...ways.values()];
}

/**
 * What was used, by agent and model: calls of the model, tokens, credits, and seconds of the agent's turns.
 * @param {{at: number, body: object}[]} entries
 * @returns {({agent: string, model: string} & Record<"turns"|"calls"|"read"|"written"|"credits"|"seconds", number>)[]}
 */
export function usageOf(entries) {
    const rows = new Map();
    const turns = new Map();
    const add = (agent, model, more) => {
        const key = `${agent} ${model}`;
        const row = rows.get(key) ?? { agent, model, turns: 0, calls: 0, read: 0, written: 0, credits: 0, seconds: 0 };
        for (const [name, value] of Object.entries(more)) row[name] += value;
        rows.set(key, row);
    };
    for (const { at, body } of entries) {
        const turn = turns.get(body.turn);
        if (body.event === "turn.started") {
            const { agent, model = body.source } = body;
            turns.set(body.turn, { agent, model, at });
            add(agent, model, { turns: 1 });
        } else if (body.event === "usage") {
            const { model, input_tokens: read, output_tokens: written, credits = 0 } = body;
            add(turn?.agent ?? "an agent", model, { calls: 1, read, written, credits });
        } else if (body.event === "turn.finished" && turn !== undefined) {
            add(turn.agent, turn.model, { seconds: Math.max(0, at - turn.at) });
        }
    }
    return [...rows.values()];
}
