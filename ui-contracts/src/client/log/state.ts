/** What a room is, as a client knows it: the shape, and how a snapshot becomes it. */
import type {
    AgentCard,
    AgentStatus,
    Interrupted,
    Json,
    MsgDone,
    MsgStarted,
    RoomSummarised,
    RunStarted,
    Snapshot,
    ToolReady,
    ToolStarted,
    TurnStarted,
    UiA2ui,
    UiPut,
} from "../../generated.js";

/** A message that is still streaming; `length` counts code points. */
export interface OpenMessage {
    readonly started: MsgStarted;
    readonly text: string;
    readonly length: number;
}

/**
 * A room at `seq`. It is never changed: whatever happens makes another one, which shares what stayed the same, so that
 * `===` tells whether a part of it is new. Maps keep the order in which things came.
 */
export interface RoomState {
    readonly seq: number;
    readonly title: string | undefined;
    readonly archived: boolean;
    readonly team: string | undefined;
    readonly roster: readonly AgentCard[];
    /** The agent that has the floor. */
    readonly floor: string | undefined;
    readonly shared: Json;
    readonly version: number;
    /** The newest 200 to 400; older ones are to be had through `history`. */
    readonly messages: readonly MsgDone[];
    readonly more: boolean;
    readonly streaming: ReadonlyMap<string, OpenMessage>;
    readonly surfaces: ReadonlyMap<string, UiPut>;
    readonly a2ui: ReadonlyMap<string, UiA2ui>;
    readonly runs: ReadonlyMap<string, RunStarted>;
    readonly turns: ReadonlyMap<string, TurnStarted>;
    /** Calls whose arguments are being written, as far as this client saw them begin. */
    readonly started: ReadonlyMap<string, ToolStarted>;
    /** Calls that wait for their result. */
    readonly calls: ReadonlyMap<string, ToolReady>;
    /** Open questions to people. */
    readonly interrupts: ReadonlyMap<string, Interrupted>;
    /** Agents that are not idle. */
    readonly agents: ReadonlyMap<string, AgentStatus>;
    readonly summary: RoomSummarised | undefined;
}

/** The room before its first entry. */
export const EMPTY: RoomState = {
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
export function fromSnapshot(snapshot: Snapshot, seq: number): RoomState {
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
export function codePoints(text: string): number {
    let pairs = 0;
    for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xd800) pairs++;
    return text.length - pairs;
}

function open(started: MsgStarted, snapshot: Snapshot): OpenMessage {
    const text = snapshot.partial[started.message] ?? "";
    return { started, text, length: codePoints(text) };
}

function by<T>(items: readonly T[], id: (item: T) => string): ReadonlyMap<string, T> {
    return new Map(items.map((item) => [id(item), item]));
}
