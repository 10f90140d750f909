/** The room before its first entry. */
export const EMPTY = {
    seq: 0,
    title: undefined,
    archived: false,
    team: undefined,
    roster: [],
    floor: undefined,
    shared: {},
    version: 0,
    messages: [],
    more: false,
    streaming: new Map(),
    surfaces: new Map(),
    a2ui: new Map(),
    runs: new Map(),
    turns: new Map(),
    started: new Map(),
    calls: new Map(),
    interrupts: new Map(),
    agents: new Map(),
    summary: undefined,
};
/** The room that a snapshot taken at `seq` shows. */
export function fromSnapshot(snapshot, seq) {
    return {
        seq,
        title: snapshot.title,
        archived: snapshot.archived ?? false,
        team: snapshot.team,
        roster: snapshot.roster,
        floor: snapshot.floor,
        shared: snapshot.state,
        version: snapshot.version,
        messages: snapshot.messages,
        more: snapshot.more,
        streaming: new Map(snapshot.open_messages.map((started) => [started.message, open(started, snapshot)])),
        surfaces: by(snapshot.surfaces, (put) => put.surface),
        a2ui: by(snapshot.a2ui, (surface) => surface.surface),
        runs: by(snapshot.runs, (run) => run.run),
        turns: by(snapshot.turns, (turn) => turn.turn),
        started: new Map(),
        calls: by(snapshot.calls, (call) => call.call),
        interrupts: by(snapshot.interrupts, (question) => question.interrupt),
        agents: by(snapshot.agents, (agent) => agent.agent),
        summary: snapshot.summary,
    };
}
/** How many code points a text has: what `at` counts. */
export function codePoints(text) {
    let pairs = 0;
    for (let i = 0; i < text.length; i++)
        if ((text.charCodeAt(i) & 0xfc00) === 0xd800)
            pairs++;
    return text.length - pairs;
}
function open(started, snapshot) {
    const text = snapshot.partial[started.message] ?? "";
    return { started, text, length: codePoints(text) };
}
function by(items, id) {
    return new Map(items.map((item) => [id(item), item]));
}
