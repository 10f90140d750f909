// Written by `salon contracts` from the models in server/salon/contracts. Do not edit it: a test fails when it differs.
import { z } from "zod";

import { absent, record, text } from "./scalars.js";

export type Id = string;
export const Id: z.ZodType<Id> = text({ min: 1, max: 128, pattern: /^[A-Za-z0-9][A-Za-z0-9._:@\/-]*$/u });

export type Json = boolean | number | string | Json[] | { [key: string]: Json } | null;
export const Json: z.ZodType<Json> = z.lazy(() => z.union([
    z.boolean(),
    z.int(),
    z.number(),
    text(),
    z.array(Json),
    record(Json),
    z.null(),
]));

export type Seq = number;
export const Seq: z.ZodType<Seq> = z.int().gte(0);

export type Ts = number;
export const Ts: z.ZodType<Ts> = z.number().gte(0);

export type Pointer = string;
export const Pointer: z.ZodType<Pointer> = text({ max: 1024, pattern: /^(?:\/(?:[^~\/]|~[01])*)*$/u });

export type Text = string;
export const Text: z.ZodType<Text> = text({ max: 32768 });

export type Label = string;
export const Label: z.ZodType<Label> = text({ min: 1, max: 200 });

export type Role = "agent" | "user" | "system" | "tool";
export const Role: z.ZodType<Role> = z.enum(["agent", "user", "system", "tool"]);

export type Name = string;
export const Name: z.ZodType<Name> = text({ min: 1, max: 100, pattern: /^[A-Za-z][A-Za-z0-9._:\/-]*$/u });

export type ImageUrl = string;
export const ImageUrl: z.ZodType<ImageUrl> = text({ max: 131072, pattern: /^(?:https?:\/\/[A-Za-z0-9._~:\/?#@!$&'()*+,;=%\[\]-]+|data:image\/(?:png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+\/]+=*)$/u });

export type Tone = "neutral" | "info" | "success" | "warning" | "danger";
export const Tone: z.ZodType<Tone> = z.enum(["neutral", "info", "success", "warning", "danger"]);

export type WebUrl = string;
export const WebUrl: z.ZodType<WebUrl> = text({ max: 4096, pattern: /^https?:\/\/[A-Za-z0-9._~:\/?#@!$&'()*+,;=%\[\]-]+$/u });

export type Rule = "host" | "sticky" | "handoff" | "mention" | "person" | "surface" | "graph";
export const Rule: z.ZodType<Rule> = z.enum([
    "host",
    "sticky",
    "handoff",
    "mention",
    "person",
    "surface",
    "graph",
]);

export type Pos = number;
export const Pos: z.ZodType<Pos> = z.int().gte(1);

export type ErrorCode =
    | "bad_request"
    | "unsupported_version"
    | "unauthenticated"
    | "token_expired"
    | "forbidden"
    | "not_found"
    | "not_subscribed"
    | "already_subscribed"
    | "conflict"
    | "stale_state"
    | "already_resolved"
    | "expired"
    | "busy"
    | "rate_limited"
    | "too_large"
    | "limit_exceeded"
    | "unrecoverable_position"
    | "agent_error"
    | "model_error"
    | "tool_error"
    | "timeout"
    | "cancelled"
    | "unavailable"
    | "internal";
export const ErrorCode: z.ZodType<ErrorCode> = z.enum([
    "bad_request",
    "unsupported_version",
    "unauthenticated",
    "token_expired",
    "forbidden",
    "not_found",
    "not_subscribed",
    "already_subscribed",
    "conflict",
    "stale_state",
    "already_resolved",
    "expired",
    "busy",
    "rate_limited",
    "too_large",
    "limit_exceeded",
    "unrecoverable_position",
    "agent_error",
    "model_error",
    "tool_error",
    "timeout",
    "cancelled",
    "unavailable",
    "internal",
]);

/** All that was said so far is gone for readers and for the models' memory; surfaces and shared state stay. */
export interface RoomCleared {
    event: "room.cleared";
}
export const RoomCleared = z.strictObject({
    event: z.literal("room.cleared"),
});

export type WhenBusy = "queue" | "interrupt" | "reject" | "steer";
export const WhenBusy: z.ZodType<WhenBusy> = z.enum(["queue", "interrupt", "reject", "steer"]);

/** What an agent is doing now. */
export interface AgentStatus {
    event: "agent.status";
    agent: Id;
    status: "idle" | "thinking" | "speaking" | "waiting" | "stopped";
    run?: Id | undefined;
}
export const AgentStatus = z.strictObject({
    event: z.literal("agent.status"),
    agent: Id,
    status: z.enum([
        "idle",
        "thinking",
        "speaking",
        "waiting",
        "stopped",
    ]),
    run: absent(Id),
});

/** Put the room into the archive, or take it out; it can be used as before. */
export interface Archive {
    kind: "archive";
    id: Id;
    room: Id;
    archived: boolean;
}
export const Archive = z.strictObject({
    kind: z.literal("archive"),
    id: Id,
    room: Id,
    archived: z.boolean(),
});

/** Make another room of this one, as it was when that message had just been said. */
export interface Branch {
    kind: "branch";
    id: Id;
    room: Id;
    from_message: Id;
    new_room: Id;
}
export const Branch = z.strictObject({
    kind: z.literal("branch"),
    id: Id,
    room: Id,
    from_message: Id,
    new_room: Id,
});

/** Forget all that was said in the room, and begin anew. */
export interface Clear {
    kind: "clear";
    id: Id;
    room: Id;
}
export const Clear = z.strictObject({
    kind: z.literal("clear"),
    id: Id,
    room: Id,
});

/** Delete the room: nobody can enter or read it any more. */
export interface Delete {
    kind: "delete";
    id: Id;
    room: Id;
}
export const Delete = z.strictObject({
    kind: z.literal("delete"),
    id: Id,
    room: Id,
});

/** A person chose who speaks next. */
export interface FloorGiven {
    event: "floor.given";
    agent: Id;
    by: Id;
}
export const FloorGiven = z.strictObject({
    event: z.literal("floor.given"),
    agent: Id,
    by: Id,
});

/** The message is gone for readers and for the models' memory. */
export interface MsgRemoved {
    event: "message.removed";
    message: Id;
}
export const MsgRemoved = z.strictObject({
    event: z.literal("message.removed"),
    message: Id,
});

/** Give the floor to an agent: at once in an idle room, after the current turn in a busy one. */
export interface NextSpeaker {
    kind: "next_speaker";
    id: Id;
    room: Id;
    agent: Id;
}
export const NextSpeaker = z.strictObject({
    kind: z.literal("next_speaker"),
    id: Id,
    room: Id,
    agent: Id,
});

/** Take an agent's message back and let it answer again. */
export interface Regenerate {
    kind: "regenerate";
    id: Id;
    room: Id;
    message: Id;
}
export const Regenerate = z.strictObject({
    kind: z.literal("regenerate"),
    id: Id,
    room: Id,
    message: Id,
});

/** A run: the room's reaction to one action, until the floor is the people's again. */
export interface RunStarted {
    event: "run.started";
    run: Id;
    team: Id;
    parent?: Id | undefined;
}
export const RunStarted = z.strictObject({
    event: z.literal("run.started"),
    run: Id,
    team: Id,
    parent: absent(Id),
});

/** How large the room's thread is; the numbers are the ack's `result`. */
export interface Stats {
    kind: "stats";
    id: Id;
    room: Id;
}
export const Stats = z.strictObject({
    kind: z.literal("stats"),
    id: Id,
    room: Id,
});

/** A step of a plan and whose it is. */
export interface Step {
    id: Id;
    text: string;
    status: "pending" | "active" | "done" | "skipped";
    agent?: Id | undefined;
}
export const Step = z.strictObject({
    id: Id,
    text: text({ min: 1, max: 4096 }),
    status: z.enum(["pending", "active", "done", "skipped"]),
    agent: absent(Id),
});

/** The call and its result are gone for readers and for the models' memory. */
export interface ToolRemoved {
    event: "tool.removed";
    call: Id;
}
export const ToolRemoved = z.strictObject({
    event: z.literal("tool.removed"),
    call: Id,
});

/** A surface shown at this place of the message. */
export interface UiPart {
    kind: "ui";
    surface: Id;
}
export const UiPart = z.strictObject({
    kind: z.literal("ui"),
    surface: Id,
});

/** A surface is gone. */
export interface UiRemoved {
    event: "ui.removed";
    surface: Id;
}
export const UiRemoved = z.strictObject({
    event: z.literal("ui.removed"),
    surface: Id,
});

/** Watch a room no longer. */
export interface Unsubscribe {
    kind: "unsubscribe";
    id: Id;
    room: Id;
}
export const Unsubscribe = z.strictObject({
    kind: z.literal("unsubscribe"),
    id: Id,
    room: Id,
});

/** An answer to an interrupt. */
export interface Resolve {
    kind: "resolve";
    id: Id;
    room: Id;
    interrupt: Id;
    status: "resolved" | "cancelled";
    value?: Json | undefined;
}
export const Resolve = z.strictObject({
    kind: z.literal("resolve"),
    id: Id,
    room: Id,
    interrupt: Id,
    status: z.enum(["resolved", "cancelled"]),
    value: absent(Json),
});

/** The question was answered, once. */
export interface Resolved {
    event: "interrupt.resolved";
    interrupt: Id;
    status: "resolved" | "cancelled" | "expired";
    by?: Id | undefined;
    value?: Json | undefined;
}
export const Resolved = z.strictObject({
    event: z.literal("interrupt.resolved"),
    interrupt: Id,
    status: z.enum(["resolved", "cancelled", "expired"]),
    by: absent(Id),
    value: absent(Json),
});

/** The call's result, as the model sees it. */
export interface ToolDone {
    event: "tool.done";
    call: Id;
    ok: boolean;
    output: Json;
}
export const ToolDone = z.strictObject({
    event: z.literal("tool.done"),
    call: Id,
    ok: z.boolean(),
    output: Json,
});

/** A client's answer to a call of one of its tools. */
export interface ToolResult {
    kind: "tool_result";
    id: Id;
    room: Id;
    call: Id;
    ok: boolean;
    output: Json;
}
export const ToolResult = z.strictObject({
    kind: z.literal("tool_result"),
    id: Id,
    room: Id,
    call: Id,
    ok: z.boolean(),
    output: Json,
});

/** A surface described by A2UI messages, passed through. */
export interface UiA2ui {
    event: "ui.a2ui";
    surface: Id;
    owner: Id;
    messages: { [key: string]: Json }[];
}
export const UiA2ui = z.strictObject({
    event: z.literal("ui.a2ui"),
    surface: Id,
    owner: Id,
    messages: z.array(record(Json)).min(1).max(200),
});

/** An action took effect; `seq` is where that stands in the log. */
export interface Ack {
    kind: "ack";
    reply_to: Id;
    duplicate: boolean;
    room?: Id | undefined;
    seq?: Seq | undefined;
    result?: Json | undefined;
}
export const Ack = z.strictObject({
    kind: z.literal("ack"),
    reply_to: Id,
    duplicate: z.boolean(),
    room: absent(Id),
    seq: absent(Seq),
    result: absent(Json),
});

/** Make another room of this one, as it was at `at`. */
export interface Fork {
    kind: "fork";
    id: Id;
    room: Id;
    at: Seq;
    new_room: Id;
}
export const Fork = z.strictObject({
    kind: z.literal("fork"),
    id: Id,
    room: Id,
    at: Seq,
    new_room: Id,
});

/** A place in a room's log. Another `epoch` means that the log was lost or rewound. */
export interface Position {
    epoch: Id;
    seq: Seq;
}
export const Position = z.strictObject({
    epoch: Id,
    seq: Seq,
});

/** Another room was made of this one, as it was at `at`. */
export interface RoomForked {
    event: "room.forked";
    room: Id;
    at: Seq;
}
export const RoomForked = z.strictObject({
    event: z.literal("room.forked"),
    room: Id,
    at: Seq,
});

/** The client has shown everything up to `seq`. */
export interface Seen {
    kind: "seen";
    room: Id;
    seq: Seq;
}
export const Seen = z.strictObject({
    kind: z.literal("seen"),
    room: Id,
    seq: Seq,
});

/** A heartbeat's content; a pong repeats the ping's nonce. */
export interface Beat {
    nonce?: Id | undefined;
    sent?: Ts | undefined;
    server_time?: Ts | undefined;
}
export const Beat = z.strictObject({
    nonce: absent(Id),
    sent: absent(Ts),
    server_time: absent(Ts),
});

/** JSON Patch operations that carry a value (RFC 6902). */
export interface AddOp {
    op: "add" | "replace" | "test";
    path: Pointer;
    value: Json;
}
export const AddOp = z.strictObject({
    op: z.enum(["add", "replace", "test"]),
    path: Pointer,
    value: Json,
});

/** JSON Patch operations with a source. */
export interface MoveOp {
    op: "move" | "copy";
    path: Pointer;
    from: Pointer;
}
export const MoveOp = z.strictObject({
    op: z.enum(["move", "copy"]),
    path: Pointer,
    from: Pointer,
});

/** JSON Patch `remove`. */
export interface RemoveOp {
    op: "remove";
    path: Pointer;
}
export const RemoveOp = z.strictObject({
    op: z.literal("remove"),
    path: Pointer,
});

/** What a person needs to know of an agent to address it. */
export interface AgentCard {
    id: Id;
    description?: Text | undefined;
    host: boolean;
}
export const AgentCard = z.strictObject({
    id: Id,
    description: absent(Text),
    host: z.boolean(),
});

/** A guardrail let something not pass; `reason` repeats nothing of it. */
export interface GuardrailBlocked {
    event: "guardrail.blocked";
    where: "input" | "tool" | "output";
    kind: "injection" | "personal" | "unsafe";
    reason: Text;
    agent?: Id | undefined;
}
export const GuardrailBlocked = z.strictObject({
    event: z.literal("guardrail.blocked"),
    where: z.enum(["input", "tool", "output"]),
    kind: z.enum(["injection", "personal", "unsafe"]),
    reason: Text,
    agent: absent(Id),
});

/** An agent passes the floor to another. */
export interface Handoff {
    event: "agent.handoff";
    source: Id;
    target: Id;
    run?: Id | undefined;
    reason?: Text | undefined;
}
export const Handoff = z.strictObject({
    event: z.literal("agent.handoff"),
    source: Id,
    target: Id,
    run: absent(Id),
    reason: absent(Text),
});

/** `markdown`: formatted text. */
export interface MarkdownProps {
    text: Text;
}
export const MarkdownProps = z.strictObject({
    text: Text,
});

/** A piece of a streaming message. `at` counts the code points so far, this piece included. */
export interface MsgDelta {
    event: "message.delta";
    message: Id;
    text: Text;
    at: Seq;
}
export const MsgDelta = z.strictObject({
    event: z.literal("message.delta"),
    message: Id,
    text: Text,
    at: Seq,
});

/** Something the client should know; nothing is lost if it ignores it. */
export interface Notice {
    kind: "notice";
    code: "token_expiring" | "draining" | "deprecated_version" | "rate_warning";
    message?: Text | undefined;
    at?: Ts | undefined;
}
export const Notice = z.strictObject({
    kind: z.literal("notice"),
    code: z.enum([
        "token_expiring",
        "draining",
        "deprecated_version",
        "rate_warning",
    ]),
    message: absent(Text),
    at: absent(Ts),
});

/** A piece of a model's visible thinking. `at` counts the code points so far in this turn. */
export interface Reasoning {
    event: "reasoning.delta";
    run: Id;
    text: Text;
    at: Seq;
    turn?: Id | undefined;
}
export const Reasoning = z.strictObject({
    event: z.literal("reasoning.delta"),
    run: Id,
    text: Text,
    at: Seq,
    turn: absent(Id),
});

/** A newer token for the same session. */
export interface Refresh {
    kind: "refresh";
    id: Id;
    token: Text;
}
export const Refresh = z.strictObject({
    kind: z.literal("refresh"),
    id: Id,
    token: Text,
});

/** What was said up to the entry `upto`, in few words: for models whose memory does not reach back so far. */
export interface RoomSummarised {
    event: "room.summarised";
    text: Text;
    upto: Seq;
}
export const RoomSummarised = z.strictObject({
    event: z.literal("room.summarised"),
    text: Text,
    upto: Seq,
});

/** The floor is the people's again. */
export interface RunFinished {
    event: "run.finished";
    run: Id;
    outcome: "success" | "interrupt" | "cancelled" | "error";
    reason?: Text | undefined;
    usage?: { [key: string]: Seq } | undefined;
}
export const RunFinished = z.strictObject({
    event: z.literal("run.finished"),
    run: Id,
    outcome: z.enum(["success", "interrupt", "cancelled", "error"]),
    reason: absent(Text),
    usage: absent(record(Seq)),
});

/** Words. */
export interface TextPart {
    kind: "text";
    text: Text;
}
export const TextPart = z.strictObject({
    kind: z.literal("text"),
    text: Text,
});

/** A piece of a streaming argument text. `at` counts the code points so far. */
export interface ToolArgs {
    event: "tool.args";
    call: Id;
    text: Text;
    at: Seq;
}
export const ToolArgs = z.strictObject({
    event: z.literal("tool.args"),
    call: Id,
    text: Text,
    at: Seq,
});

/** The agent is done; `reason` says why when it did not simply finish. */
export interface TurnFinished {
    event: "turn.finished";
    turn: Id;
    outcome: "success" | "handoff" | "interrupt" | "cancelled" | "error";
    reason?: Text | undefined;
    usage?: { [key: string]: Seq } | undefined;
    credits?: Seq | undefined;
}
export const TurnFinished = z.strictObject({
    event: z.literal("turn.finished"),
    turn: Id,
    outcome: z.enum([
        "success",
        "handoff",
        "interrupt",
        "cancelled",
        "error",
    ]),
    reason: absent(Text),
    usage: absent(record(Seq)),
    credits: absent(Seq),
});

/** Stop a run, an agent's turn, or, naming neither, whatever runs in the room. */
export interface Cancel {
    kind: "cancel";
    id: Id;
    room: Id;
    run?: Id | undefined;
    agent?: Id | undefined;
    reason?: Label | undefined;
}
export const Cancel = z.strictObject({
    kind: z.literal("cancel"),
    id: Id,
    room: Id,
    run: absent(Id),
    agent: absent(Id),
    reason: absent(Label),
});

/** A function that the client runs when a model calls it. */
export interface ClientTool {
    name: Label;
    description?: Text | undefined;
    parameters?: { [key: string]: Json } | undefined;
}
export const ClientTool = z.strictObject({
    name: Label,
    description: absent(Text),
    parameters: absent(record(Json)),
});

/** `code`: a program text, `language` as in a Markdown fence. */
export interface CodeProps {
    code: Text;
    language?: Label | undefined;
    title?: Label | undefined;
}
export const CodeProps = z.strictObject({
    code: Text,
    language: absent(Label),
    title: absent(Label),
});

/** A table column: `key` finds its cell in each row. */
export interface Column {
    key: Label;
    label?: Label | undefined;
    align?: "left" | "center" | "right" | undefined;
}
export const Column = z.strictObject({
    key: Label,
    label: absent(Label),
    align: absent(z.enum(["left", "center", "right"])),
});

/** An event of an application's own. */
export interface Custom {
    event: "custom";
    name: Label;
    value: Json;
}
export const Custom = z.strictObject({
    event: z.literal("custom"),
    name: Label,
    value: Json,
});

/** Structured content, named so that a reader knows what it is. */
export interface DataPart {
    kind: "data";
    name: Label;
    data: Json;
}
export const DataPart = z.strictObject({
    kind: z.literal("data"),
    name: Label,
    data: Json,
});

/** `document`: a longer Markdown text; when `editable`, a change answers with "edit" and `{"text": …}`. */
export interface DocumentProps {
    title: Label;
    text: Text;
    editable?: boolean | undefined;
    status?: "draft" | "final" | undefined;
}
export const DocumentProps = z.strictObject({
    title: Label,
    text: Text,
    editable: absent(z.boolean()),
    status: absent(z.enum(["draft", "final"])),
});

/** A labelled value. */
export interface Fact {
    label: Label;
    value: string;
}
export const Fact = z.strictObject({
    label: Label,
    value: text({ max: 4096 }),
});

/** A reference to a stored file. */
export interface FilePart {
    kind: "file";
    file_id: Id;
    media_type: Label;
    name?: Label | undefined;
    size?: Seq | undefined;
}
export const FilePart = z.strictObject({
    kind: z.literal("file"),
    file_id: Id,
    media_type: Label,
    name: absent(Label),
    size: absent(Seq),
});

/** A question to people that pauses a turn. `allowed` names the users who may answer; absent: everyone there. */
export interface Interrupted {
    event: "interrupt.opened";
    interrupt: Id;
    run: Id;
    agent: Id;
    reason: Label;
    message?: Text | undefined;
    call?: Id | undefined;
    response_schema?: { [key: string]: Json } | undefined;
    expires_at?: Ts | undefined;
    allowed?: Id[] | undefined;
}
export const Interrupted = z.strictObject({
    event: z.literal("interrupt.opened"),
    interrupt: Id,
    run: Id,
    agent: Id,
    reason: Label,
    message: absent(Text),
    call: absent(Id),
    response_schema: absent(record(Json)),
    expires_at: absent(Ts),
    allowed: absent(z.array(Id)),
});

/** One thing wrong with a frame: where, which rule, and what to do. */
export interface Issue {
    path: Pointer;
    code: Label;
    message: Text;
}
export const Issue = z.strictObject({
    path: Pointer,
    code: Label,
    message: Text,
});

/** How a background job for this room is getting on. `progress` goes from 0 to 1. */
export interface JobUpdated {
    event: "job.updated";
    job: Id;
    name: Label;
    status: "pending" | "processing" | "completed" | "failed";
    progress?: number | undefined;
    message?: Text | undefined;
}
export const JobUpdated = z.strictObject({
    event: z.literal("job.updated"),
    job: Id,
    name: Label,
    status: z.enum(["pending", "processing", "completed", "failed"]),
    progress: absent(z.number().gte(0).lte(1)),
    message: absent(Text),
});

/** One of several to choose from. */
export interface Option {
    value: Label;
    label?: Label | undefined;
}
export const Option = z.strictObject({
    value: Label,
    label: absent(Label),
});

/** `progress`: how far something is, from 0 to 1; without `value` it is not known how far. */
export interface ProgressProps {
    label: Label;
    value?: number | undefined;
    status?: "running" | "done" | "failed" | undefined;
    text?: Text | undefined;
}
export const ProgressProps = z.strictObject({
    label: Label,
    value: absent(z.number().gte(0).lte(1)),
    status: absent(z.enum(["running", "done", "failed"])),
    text: absent(Text),
});

/** Give the room another title. */
export interface Rename {
    kind: "rename";
    id: Id;
    room: Id;
    title: Label;
}
export const Rename = z.strictObject({
    kind: z.literal("rename"),
    id: Id,
    room: Id,
    title: Label,
});

/** The room has another title, or was put into the archive or taken out of it. */
export interface RoomChanged {
    event: "room.changed";
    title?: Label | undefined;
    archived?: boolean | undefined;
}
export const RoomChanged = z.strictObject({
    event: z.literal("room.changed"),
    title: absent(Label),
    archived: absent(z.boolean()),
});

/** Numbers of one name; `null` is a gap. `x` places each value of a scatter chart. */
export interface Series {
    name: Label;
    values: (number | null)[];
    x?: number[] | undefined;
}
export const Series = z.strictObject({
    name: Label,
    values: z.array(z.union([z.int(), z.number(), z.null()])).min(1).max(1000),
    x: absent(z.array(z.union([z.int(), z.number()])).max(1000)),
});

/** Typing, status: ephemeral, without id or ack. */
export interface Signal {
    kind: "signal";
    room: Id;
    typing?: boolean | undefined;
    status?: Label | undefined;
    data?: { [key: string]: Json } | undefined;
}
export const Signal = z.strictObject({
    kind: z.literal("signal"),
    room: Id,
    typing: absent(z.boolean()),
    status: absent(Label),
    data: absent(record(Json)),
});

/** A thread in a list: a room's record. What was found for a query is told in `snippet`, `message` and `seq`. */
export interface ThreadRow {
    room: Id;
    title?: Label | undefined;
    archived: boolean;
    shared: boolean;
    user?: Id | undefined;
    agent?: Id | undefined;
    created_at: Ts;
    updated_at: Ts;
    messages: Seq;
    forked_from?: Id | undefined;
    snippet?: Text | undefined;
    message?: Id | undefined;
    seq?: Seq | undefined;
}
export const ThreadRow = z.strictObject({
    room: Id,
    title: absent(Label),
    archived: z.boolean(),
    shared: z.boolean(),
    user: absent(Id),
    agent: absent(Id),
    created_at: Ts,
    updated_at: Ts,
    messages: Seq,
    forked_from: absent(Id),
    snippet: absent(Text),
    message: absent(Id),
    seq: absent(Seq),
});

/** The call's arguments are complete. With `where: client` the assignee must answer with `tool_result`. */
export interface ToolReady {
    event: "tool.ready";
    call: Id;
    name: Label;
    args: Json;
    where: "server" | "client";
    agent?: Id | undefined;
    run?: Id | undefined;
    assignee?: Id | undefined;
}
export const ToolReady = z.strictObject({
    event: z.literal("tool.ready"),
    call: Id,
    name: Label,
    args: Json,
    where: z.enum(["server", "client"]),
    agent: absent(Id),
    run: absent(Id),
    assignee: absent(Id),
});

/** An agent calls a tool. */
export interface ToolStarted {
    event: "tool.started";
    call: Id;
    name: Label;
    run: Id;
    where: "server" | "client";
    agent?: Id | undefined;
    turn?: Id | undefined;
    message?: Id | undefined;
}
export const ToolStarted = z.strictObject({
    event: z.literal("tool.started"),
    call: Id,
    name: Label,
    run: Id,
    where: z.enum(["server", "client"]),
    agent: absent(Id),
    turn: absent(Id),
    message: absent(Id),
});

/** No more entries of this room will come: as `requested`, as it is `deleted`, or `lost` (subscribe anew). */
export interface Unsubscribed {
    kind: "unsubscribed";
    room: Id;
    code: Label;
    reply_to?: Id | undefined;
}
export const Unsubscribed = z.strictObject({
    kind: z.literal("unsubscribed"),
    room: Id,
    code: Label,
    reply_to: absent(Id),
});

/** What one model call cost. */
export interface UsageNoted {
    event: "usage";
    turn: Id;
    model: Label;
    input_tokens: Seq;
    output_tokens: Seq;
    credits?: Seq | undefined;
}
export const UsageNoted = z.strictObject({
    event: z.literal("usage"),
    turn: Id,
    model: Label,
    input_tokens: Seq,
    output_tokens: Seq,
    credits: absent(Seq),
});

/** Who said a message. */
export interface Author {
    id: Id;
    role: Role;
    name?: Label | undefined;
}
export const Author = z.strictObject({
    id: Id,
    role: Role,
    name: absent(Label),
});

/** A client that is in a room now. */
export interface Member {
    client: Id;
    user: Id;
    role: Role;
    name?: Label | undefined;
    status?: Label | undefined;
    data?: { [key: string]: Json } | undefined;
}
export const Member = z.strictObject({
    client: Id,
    user: Id,
    role: Role,
    name: absent(Label),
    status: absent(Label),
    data: absent(record(Json)),
});

/** A form field to tick. */
export interface BooleanField {
    type: "boolean";
    name: Name;
    label: Label;
    required?: boolean | undefined;
    help?: Label | undefined;
    value?: boolean | undefined;
}
export const BooleanField = z.strictObject({
    type: z.literal("boolean"),
    name: Name,
    label: Label,
    required: absent(z.boolean()),
    help: absent(Label),
    value: absent(z.boolean()),
});

/** Something to press: answers with a `ui_action` of this `name` and `context`. */
export interface Button {
    name: Name;
    label: Label;
    style?: "primary" | "secondary" | "danger" | undefined;
    context?: { [key: string]: Json } | undefined;
    disabled?: boolean | undefined;
}
export const Button = z.strictObject({
    name: Name,
    label: Label,
    style: absent(z.enum(["primary", "secondary", "danger"])),
    context: absent(record(Json)),
    disabled: absent(z.boolean()),
});

/** A form field for a number; the bounds are inclusive. */
export interface NumberField {
    type: "number" | "integer";
    name: Name;
    label: Label;
    required?: boolean | undefined;
    help?: Label | undefined;
    value?: number | undefined;
    minimum?: number | undefined;
    maximum?: number | undefined;
}
export const NumberField = z.strictObject({
    type: z.enum(["number", "integer"]),
    name: Name,
    label: Label,
    required: absent(z.boolean()),
    help: absent(Label),
    value: absent(z.union([z.int(), z.number()])),
    minimum: absent(z.union([z.int(), z.number()])),
    maximum: absent(z.union([z.int(), z.number()])),
});

/** `text`: a plain paragraph. */
export interface TextProps {
    text: Text;
    tone?: Tone | undefined;
}
export const TextProps = z.strictObject({
    text: Text,
    tone: absent(Tone),
});

/** One line of a list. */
export interface Item {
    text: string;
    detail?: string | undefined;
    link?: WebUrl | undefined;
    done?: boolean | undefined;
}
export const Item = z.strictObject({
    text: text({ max: 4096 }),
    detail: absent(text({ max: 4096 })),
    link: absent(WebUrl),
    done: absent(z.boolean()),
});

/** Why this speaker, and who else could have spoken. */
export interface ChosenBy {
    rule: Rule;
    by?: Id | undefined;
    reason?: Text | undefined;
    candidates?: Id[] | undefined;
}
export const ChosenBy = z.strictObject({
    rule: Rule,
    by: absent(Id),
    reason: absent(Text),
    candidates: absent(z.array(Id)),
});

/** Your threads, last used first; with `query` those in whose title or messages it is found, best first. */
export interface FindThreads {
    kind: "threads";
    id: Id;
    limit: Pos;
    archived?: boolean | undefined;
    query?: Label | undefined;
    cursor?: Label | undefined;
}
export const FindThreads = z.strictObject({
    kind: z.literal("threads"),
    id: Id,
    limit: Pos,
    archived: absent(z.boolean()),
    query: absent(Label),
    cursor: absent(Label),
});

/** A page of the stored log. */
export interface History {
    kind: "history";
    id: Id;
    room: Id;
    before?: Seq | undefined;
    after?: Seq | undefined;
    limit: Pos;
}
export const History = z.strictObject({
    kind: z.literal("history"),
    id: Id,
    room: Id,
    before: absent(Seq),
    after: absent(Seq),
    limit: Pos,
});

/** `image`: a picture; `alt` says in words what it shows. Width and height are in pixels. */
export interface ImageProps {
    url: ImageUrl;
    alt: Label;
    caption?: Label | undefined;
    width?: Pos | undefined;
    height?: Pos | undefined;
}
export const ImageProps = z.strictObject({
    url: ImageUrl,
    alt: Label,
    caption: absent(Label),
    width: absent(Pos),
    height: absent(Pos),
});

/** What the server will take from one connection, told in advance. */
export interface Limits {
    frame_bytes: Pos;
    json_depth: Pos;
    rooms: Pos;
    actions_per_second: Pos;
    inflight: Pos;
    queue_frames: Pos;
    history_page: Pos;
    recover_events: Pos;
    recover_seconds: Pos;
}
export const Limits = z.strictObject({
    frame_bytes: Pos,
    json_depth: Pos,
    rooms: Pos,
    actions_per_second: Pos,
    inflight: Pos,
    queue_frames: Pos,
    history_page: Pos,
    recover_events: Pos,
    recover_seconds: Pos,
});

/** A form field for words. */
export interface TextField {
    type: "text" | "multiline" | "email" | "url" | "date";
    name: Name;
    label: Label;
    required?: boolean | undefined;
    help?: Label | undefined;
    value?: Text | undefined;
    placeholder?: Label | undefined;
    min_length?: Pos | undefined;
    max_length?: Pos | undefined;
}
export const TextField = z.strictObject({
    type: z.enum(["text", "multiline", "email", "url", "date"]),
    name: Name,
    label: Label,
    required: absent(z.boolean()),
    help: absent(Label),
    value: absent(Text),
    placeholder: absent(Label),
    min_length: absent(Pos),
    max_length: absent(Pos),
});

/** A person used a surface; its owner gets a turn. Refused when `version` is no longer the surface's. */
export interface UiAction {
    kind: "ui_action";
    id: Id;
    room: Id;
    surface: Id;
    name: Label;
    context: { [key: string]: Json };
    component?: Id | undefined;
    version?: Pos | undefined;
    model?: Json | undefined;
}
export const UiAction = z.strictObject({
    kind: z.literal("ui_action"),
    id: Id,
    room: Id,
    surface: Id,
    name: Label,
    context: record(Json),
    component: absent(Id),
    version: absent(Pos),
    model: absent(Json),
});

/** A surface appears or is replaced as a whole. */
export interface UiPut {
    event: "ui.put";
    surface: Id;
    owner: Id;
    component: Label;
    props: { [key: string]: Json };
    version: Pos;
    catalog?: Label | undefined;
    message?: Id | undefined;
}
export const UiPut = z.strictObject({
    event: z.literal("ui.put"),
    surface: Id,
    owner: Id,
    component: Label,
    props: record(Json),
    version: Pos,
    catalog: absent(Label),
    message: absent(Id),
});

/** `plan`: steps; when `editable`, a change answers with a `ui_action` "edit" and `{"steps": […]}`. */
export interface PlanProps {
    title: Label;
    steps: Step[];
    editable?: boolean | undefined;
}
export const PlanProps = z.strictObject({
    title: Label,
    steps: z.array(Step).max(200),
    editable: absent(z.boolean()),
});

/** Watch a room, from `recover` on when that position can still be served without a gap. */
export interface Subscribe {
    kind: "subscribe";
    id: Id;
    room: Id;
    recover?: Position | undefined;
    snapshot?: boolean | undefined;
    presence?: boolean | undefined;
    ephemeral?: boolean | undefined;
}
export const Subscribe = z.strictObject({
    kind: z.literal("subscribe"),
    id: Id,
    room: Id,
    recover: absent(Position),
    snapshot: absent(z.boolean()),
    presence: absent(z.boolean()),
    ephemeral: absent(z.boolean()),
});

/** Either side: are you there? */
export interface Ping {
    type: "ping";
    payload: Beat;
    timestamp: Ts;
}
export const Ping = z.strictObject({
    type: z.literal("ping"),
    payload: Beat,
    timestamp: Ts,
});

/** Either side: yes. */
export interface Pong {
    type: "pong";
    payload: Beat;
    timestamp: Ts;
}
export const Pong = z.strictObject({
    type: z.literal("pong"),
    payload: Beat,
    timestamp: Ts,
});

export type PatchOp = AddOp | RemoveOp | MoveOp;
export const PatchOp: z.ZodType<PatchOp> = z.discriminatedUnion("op", [AddOp, RemoveOp, MoveOp]);

/** The first entry of every room: which team answers here, and, for a fork, where the room came from. */
export interface RoomOpened {
    event: "room.opened";
    team: Id;
    roster: AgentCard[];
    forked_from?: Id | undefined;
    forked_at?: Position | undefined;
}
export const RoomOpened = z.strictObject({
    event: z.literal("room.opened"),
    team: Id,
    roster: z.array(AgentCard),
    forked_from: absent(Id),
    forked_at: absent(Position),
});

/** The first frame of a client that knows the protocol. `name` is how others see a guest; it proves nothing. */
export interface Connect {
    kind: "connect";
    id: Id;
    versions: Label[];
    token?: Text | undefined;
    name?: Label | undefined;
    client?: Label | undefined;
    session?: Id | undefined;
    features?: Label[] | undefined;
    components?: Label[] | undefined;
    catalogs?: Label[] | undefined;
    tools?: ClientTool[] | undefined;
}
export const Connect = z.strictObject({
    kind: z.literal("connect"),
    id: Id,
    versions: z.array(Label).min(1).max(16),
    token: absent(Text),
    name: absent(Label),
    client: absent(Label),
    session: absent(Id),
    features: absent(z.array(Label)),
    components: absent(z.array(Label)),
    catalogs: absent(z.array(Label)),
    tools: absent(z.array(ClientTool)),
});

/** `table`: a cell that a row does not have is empty. */
export interface TableProps {
    title?: Label | undefined;
    columns: Column[];
    rows: ({ [key: string]: boolean | number | string | null })[];
    caption?: Label | undefined;
}
export const TableProps = z.strictObject({
    title: absent(Label),
    columns: z.array(Column).min(1).max(50),
    rows: z.array(record(z.union([
        z.boolean(),
        z.int(),
        z.number(),
        text({ max: 4096 }),
        z.null(),
    ]))).max(500),
    caption: absent(Label),
});

/** `approval`: what a person is asked to allow. The answer is a `resolve` of `interrupt`, not a `ui_action`. */
export interface ApprovalProps {
    title: Label;
    interrupt?: Id | undefined;
    text?: Text | undefined;
    facts?: Fact[] | undefined;
    approve?: Label | undefined;
    reject?: Label | undefined;
    status: "pending" | "approved" | "rejected" | "expired";
}
export const ApprovalProps = z.strictObject({
    title: Label,
    interrupt: absent(Id),
    text: absent(Text),
    facts: absent(z.array(Fact).max(50)),
    approve: absent(Label),
    reject: absent(Label),
    status: z.enum(["pending", "approved", "rejected", "expired"]),
});

export type Part = TextPart | FilePart | DataPart | UiPart;
export const Part: z.ZodType<Part> = z.discriminatedUnion("kind", [
    TextPart,
    FilePart,
    DataPart,
    UiPart,
]);

/** Why an action was refused, or what went wrong. Never an exception's text. */
export interface ErrorPayload {
    code: ErrorCode;
    message: Text;
    retryable: boolean;
    fatal: boolean;
    retry_after?: Ts | undefined;
    reply_to?: Id | undefined;
    room?: Id | undefined;
    run?: Id | undefined;
    agent?: Id | undefined;
    details?: Issue[] | undefined;
}
export const ErrorPayload = z.strictObject({
    code: ErrorCode,
    message: Text,
    retryable: z.boolean(),
    fatal: z.boolean(),
    retry_after: absent(Ts),
    reply_to: absent(Id),
    room: absent(Id),
    run: absent(Id),
    agent: absent(Id),
    details: absent(z.array(Issue).max(50)),
});

/** A form field for one of some options. */
export interface ChoiceField {
    type: "choice";
    name: Name;
    label: Label;
    options: Option[];
    required?: boolean | undefined;
    help?: Label | undefined;
    value?: Label | undefined;
}
export const ChoiceField = z.strictObject({
    type: z.literal("choice"),
    name: Name,
    label: Label,
    options: z.array(Option).min(1).max(200),
    required: absent(z.boolean()),
    help: absent(Label),
    value: absent(Label),
});

/** A form field for any number of some options. */
export interface ChoicesField {
    type: "choices";
    name: Name;
    label: Label;
    options: Option[];
    required?: boolean | undefined;
    help?: Label | undefined;
    value?: Label[] | undefined;
}
export const ChoicesField = z.strictObject({
    type: z.literal("choices"),
    name: Name,
    label: Label,
    options: z.array(Option).min(1).max(200),
    required: absent(z.boolean()),
    help: absent(Label),
    value: absent(z.array(Label)),
});

/** `chart`: a `label` for each value of every series; a scatter chart has each series' `x` instead. */
export interface ChartProps {
    kind: "line" | "bar" | "area" | "pie" | "scatter";
    series: Series[];
    labels?: Label[] | undefined;
    title?: Label | undefined;
    x_label?: Label | undefined;
    y_label?: Label | undefined;
    unit?: Label | undefined;
    stacked?: boolean | undefined;
}
export const ChartProps = z.strictObject({
    kind: z.enum(["line", "bar", "area", "pie", "scatter"]),
    series: z.array(Series).min(1).max(20),
    labels: absent(z.array(Label).max(1000)),
    title: absent(Label),
    x_label: absent(Label),
    y_label: absent(Label),
    unit: absent(Label),
    stacked: absent(z.boolean()),
});

/** The answer to `threads`; with `cursor`, the next page is to be had. */
export interface ThreadPage {
    kind: "threads";
    reply_to: Id;
    threads: ThreadRow[];
    cursor?: Label | undefined;
}
export const ThreadPage = z.strictObject({
    kind: z.literal("threads"),
    reply_to: Id,
    threads: z.array(ThreadRow),
    cursor: absent(Label),
});

/** A message whose text will stream. */
export interface MsgStarted {
    event: "message.started";
    message: Id;
    author: Author;
    run?: Id | undefined;
    turn?: Id | undefined;
    reply_to?: Id | undefined;
}
export const MsgStarted = z.strictObject({
    event: z.literal("message.started"),
    message: Id,
    author: Author,
    run: absent(Id),
    turn: absent(Id),
    reply_to: absent(Id),
});

/** Presence and signals: no seq, may be merged or dropped, expires after 30 s. */
export interface Ephemeral {
    kind: "ephemeral";
    room: Id;
    joins: Member[];
    leaves: Id[];
    typing: Id[];
    signals: { [key: string]: Json };
}
export const Ephemeral = z.strictObject({
    kind: z.literal("ephemeral"),
    room: Id,
    joins: z.array(Member),
    leaves: z.array(Id),
    typing: z.array(Id),
    signals: record(Json),
});

/** `buttons`: a row of choices. */
export interface ButtonsProps {
    text?: Text | undefined;
    buttons: Button[];
}
export const ButtonsProps = z.strictObject({
    text: absent(Text),
    buttons: z.array(Button).min(1).max(20),
});

/** `card`: a framed piece of content. `children` are surfaces shown inside it, in this order. */
export interface CardProps {
    title?: Label | undefined;
    subtitle?: Label | undefined;
    text?: Text | undefined;
    image?: ImageUrl | undefined;
    link?: WebUrl | undefined;
    tone?: Tone | undefined;
    buttons?: Button[] | undefined;
    children?: Id[] | undefined;
}
export const CardProps = z.strictObject({
    title: absent(Label),
    subtitle: absent(Label),
    text: absent(Text),
    image: absent(ImageUrl),
    link: absent(WebUrl),
    tone: absent(Tone),
    buttons: absent(z.array(Button).max(20)),
    children: absent(z.array(Id).max(50)),
});

/** `list`: lines, numbered when `ordered`; an item with `done` has a tick box. */
export interface ListProps {
    title?: Label | undefined;
    items: Item[];
    ordered?: boolean | undefined;
}
export const ListProps = z.strictObject({
    title: absent(Label),
    items: z.array(Item).max(500),
    ordered: absent(z.boolean()),
});

/** A turn: one agent's speaking inside a run, tools included. */
export interface TurnStarted {
    event: "turn.started";
    turn: Id;
    run: Id;
    agent: Id;
    chosen: ChosenBy;
    source: "model" | "mock";
    model?: Label | undefined;
}
export const TurnStarted = z.strictObject({
    event: z.literal("turn.started"),
    turn: Id,
    run: Id,
    agent: Id,
    chosen: ChosenBy,
    source: z.enum(["model", "mock"]),
    model: absent(Label),
});

/** The answer to `connect`. */
export interface Welcome {
    kind: "welcome";
    version: Label;
    connection: Id;
    session: Id;
    user: Id;
    server: Label;
    schema_hash: Label;
    mode: "live" | "mock";
    ping_every: number;
    pong_within: number;
    expires_at?: Ts | undefined;
    features: Label[];
    limits: Limits;
    reply_to?: Id | undefined;
}
export const Welcome = z.strictObject({
    kind: z.literal("welcome"),
    version: Label,
    connection: Id,
    session: Id,
    user: Id,
    server: Label,
    schema_hash: Label,
    mode: z.enum(["live", "mock"]),
    ping_every: z.number().gt(0),
    pong_within: z.number().gt(0),
    expires_at: absent(Ts),
    features: z.array(Label),
    limits: Limits,
    reply_to: absent(Id),
});

/** Change the room's shared state. */
export interface PatchState {
    kind: "patch_state";
    id: Id;
    room: Id;
    ops: PatchOp[];
    if_version?: Seq | undefined;
}
export const PatchState = z.strictObject({
    kind: z.literal("patch_state"),
    id: Id,
    room: Id,
    ops: z.array(PatchOp).min(1).max(500),
    if_version: absent(Seq),
});

/** The room's shared state changed; applies to version - 1. */
export interface StatePatched {
    event: "state.patched";
    ops: PatchOp[];
    version: Pos;
}
export const StatePatched = z.strictObject({
    event: z.literal("state.patched"),
    ops: z.array(PatchOp).min(1).max(500),
    version: Pos,
});

/** A surface's props change; applies to version - 1. */
export interface UiPatch {
    event: "ui.patch";
    surface: Id;
    ops: PatchOp[];
    version: Pos;
}
export const UiPatch = z.strictObject({
    event: z.literal("ui.patch"),
    surface: Id,
    ops: z.array(PatchOp).min(1).max(500),
    version: Pos,
});

/** A whole message; it supersedes its deltas. */
export interface MsgDone {
    event: "message.done";
    message: Id;
    author: Author;
    parts: Part[];
    run?: Id | undefined;
    turn?: Id | undefined;
    reply_to?: Id | undefined;
    source?: "model" | "mock" | undefined;
    partial?: boolean | undefined;
}
export const MsgDone = z.strictObject({
    event: z.literal("message.done"),
    message: Id,
    author: Author,
    parts: z.array(Part).min(1).max(64),
    run: absent(Id),
    turn: absent(Id),
    reply_to: absent(Id),
    source: absent(z.enum(["model", "mock"])),
    partial: absent(z.boolean()),
});

/** Say something. `to` names the agents that must answer, in order. */
export interface Send {
    kind: "send";
    id: Id;
    room: Id;
    parts: Part[];
    to?: Id[] | undefined;
    reply_to?: Id | undefined;
    when_busy?: WhenBusy | undefined;
}
export const Send = z.strictObject({
    kind: z.literal("send"),
    id: Id,
    room: Id,
    parts: z.array(Part).min(1).max(64),
    to: absent(z.array(Id)),
    reply_to: absent(Id),
    when_busy: absent(WhenBusy),
});

/** Either side: an error. */
export interface Error {
    type: "error";
    payload: ErrorPayload;
    timestamp: Ts;
}
export const Error = z.strictObject({
    type: z.literal("error"),
    payload: ErrorPayload,
    timestamp: Ts,
});

export type FormField = TextField | NumberField | BooleanField | ChoiceField | ChoicesField;
export const FormField: z.ZodType<FormField> = z.discriminatedUnion("type", [
    TextField,
    NumberField,
    BooleanField,
    ChoiceField,
    ChoicesField,
]);

export type RoomEvent =
    | RoomOpened
    | RunStarted
    | RunFinished
    | TurnStarted
    | TurnFinished
    | MsgStarted
    | MsgDelta
    | MsgDone
    | MsgRemoved
    | ToolStarted
    | ToolArgs
    | ToolReady
    | ToolDone
    | ToolRemoved
    | Reasoning
    | UiPut
    | UiPatch
    | UiRemoved
    | UiA2ui
    | StatePatched
    | Handoff
    | FloorGiven
    | AgentStatus
    | Interrupted
    | Resolved
    | RoomForked
    | RoomChanged
    | RoomCleared
    | RoomSummarised
    | JobUpdated
    | GuardrailBlocked
    | UsageNoted
    | Custom;
export const RoomEvent: z.ZodType<RoomEvent> = z.discriminatedUnion("event", [
    RoomOpened,
    RunStarted,
    RunFinished,
    TurnStarted,
    TurnFinished,
    MsgStarted,
    MsgDelta,
    MsgDone,
    MsgRemoved,
    ToolStarted,
    ToolArgs,
    ToolReady,
    ToolDone,
    ToolRemoved,
    Reasoning,
    UiPut,
    UiPatch,
    UiRemoved,
    UiA2ui,
    StatePatched,
    Handoff,
    FloorGiven,
    AgentStatus,
    Interrupted,
    Resolved,
    RoomForked,
    RoomChanged,
    RoomCleared,
    RoomSummarised,
    JobUpdated,
    GuardrailBlocked,
    UsageNoted,
    Custom,
]);

/**
 * The room's state at a position: what folding the whole log up to there gives.
 * `messages` holds the newest ones; `more` says that older ones are to be had through `history`.
 */
export interface Snapshot {
    state: Json;
    version: Seq;
    messages: MsgDone[];
    open_messages: MsgStarted[];
    partial: { [key: string]: string };
    surfaces: UiPut[];
    a2ui: UiA2ui[];
    runs: RunStarted[];
    turns: TurnStarted[];
    calls: ToolReady[];
    interrupts: Interrupted[];
    agents: AgentStatus[];
    roster: AgentCard[];
    team?: Id | undefined;
    floor?: Id | undefined;
    title?: Label | undefined;
    archived?: boolean | undefined;
    summary?: RoomSummarised | undefined;
    more: boolean;
}
export const Snapshot = z.strictObject({
    state: Json,
    version: Seq,
    messages: z.array(MsgDone),
    open_messages: z.array(MsgStarted),
    partial: record(text()),
    surfaces: z.array(UiPut),
    a2ui: z.array(UiA2ui),
    runs: z.array(RunStarted),
    turns: z.array(TurnStarted),
    calls: z.array(ToolReady),
    interrupts: z.array(Interrupted),
    agents: z.array(AgentStatus),
    roster: z.array(AgentCard),
    team: absent(Id),
    floor: absent(Id),
    title: absent(Label),
    archived: absent(z.boolean()),
    summary: absent(RoomSummarised),
    more: z.boolean(),
});

export type ActionPayload =
    | Connect
    | Refresh
    | Subscribe
    | Unsubscribe
    | Send
    | UiAction
    | ToolResult
    | Resolve
    | Cancel
    | NextSpeaker
    | PatchState
    | Regenerate
    | Fork
    | Branch
    | Rename
    | Archive
    | Clear
    | Delete
    | Stats
    | FindThreads
    | History
    | Signal
    | Seen;
export const ActionPayload: z.ZodType<ActionPayload> = z.discriminatedUnion("kind", [
    Connect,
    Refresh,
    Subscribe,
    Unsubscribe,
    Send,
    UiAction,
    ToolResult,
    Resolve,
    Cancel,
    NextSpeaker,
    PatchState,
    Regenerate,
    Fork,
    Branch,
    Rename,
    Archive,
    Clear,
    Delete,
    Stats,
    FindThreads,
    History,
    Signal,
    Seen,
]);

/** `form`: submitting answers with a `ui_action` named `action` ("submit" unless told) and the values by field. */
export interface FormProps {
    title?: Label | undefined;
    text?: Text | undefined;
    fields: FormField[];
    action?: Name | undefined;
    submit?: Label | undefined;
    disabled?: boolean | undefined;
}
export const FormProps = z.strictObject({
    title: absent(Label),
    text: absent(Text),
    fields: z.array(FormField).min(1).max(50),
    action: absent(Name),
    submit: absent(Label),
    disabled: absent(z.boolean()),
});

/** An event in a room's log. `cause` is the id of the action that led here. */
export interface Entry {
    seq: Pos;
    at: Ts;
    cause?: Id | undefined;
    body: RoomEvent;
}
export const Entry = z.strictObject({
    seq: Pos,
    at: Ts,
    cause: absent(Id),
    body: RoomEvent,
});

/** The client's state is to be replaced by this one. */
export interface Resync {
    kind: "resync";
    room: Id;
    position: Position;
    snapshot: Snapshot;
    reason: "slow_consumer" | "compacted" | "epoch_changed";
}
export const Resync = z.strictObject({
    kind: z.literal("resync"),
    room: Id,
    position: Position,
    snapshot: Snapshot,
    reason: z.enum(["slow_consumer", "compacted", "epoch_changed"]),
});

/** Client: an action. */
export interface Action {
    type: "action";
    payload: ActionPayload;
    timestamp: Ts;
}
export const Action = z.strictObject({
    type: z.literal("action"),
    payload: ActionPayload,
    timestamp: Ts,
});

/** Entries of a room's log, contiguous. */
export interface Events {
    kind: "events";
    room: Id;
    entries: Entry[];
}
export const Events = z.strictObject({
    kind: z.literal("events"),
    room: Id,
    entries: z.array(Entry).min(1).max(500),
});

/** The answer to `history`. */
export interface HistoryPage {
    kind: "history";
    reply_to: Id;
    room: Id;
    position: Position;
    entries: Entry[];
    more: boolean;
}
export const HistoryPage = z.strictObject({
    kind: z.literal("history"),
    reply_to: Id,
    room: Id,
    position: Position,
    entries: z.array(Entry),
    more: z.boolean(),
});

/** The replay boundary: `events` is exactly the gap (`recovered`), or `snapshot` is the state at `position`. */
export interface Subscribed {
    kind: "subscribed";
    room: Id;
    position: Position;
    first_seq: Seq;
    was_recovering: boolean;
    recovered: boolean;
    events: Entry[];
    snapshot?: Snapshot | undefined;
    members: Member[];
    reply_to?: Id | undefined;
}
export const Subscribed = z.strictObject({
    kind: z.literal("subscribed"),
    room: Id,
    position: Position,
    first_seq: Seq,
    was_recovering: z.boolean(),
    recovered: z.boolean(),
    events: z.array(Entry),
    snapshot: absent(Snapshot),
    members: z.array(Member),
    reply_to: absent(Id),
});

/** Everything the server accepts. */
export type ClientFrame = Action | Error | Ping | Pong;
export const ClientFrame: z.ZodType<ClientFrame> = z.discriminatedUnion("type", [Action, Error, Ping, Pong]);

/** Server: entries that a client must show or do. */
export interface ServerAction {
    type: "action";
    payload: Events;
    timestamp: Ts;
}
export const ServerAction = z.strictObject({
    type: z.literal("action"),
    payload: Events,
    timestamp: Ts,
});

export type StatePayload =
    | Welcome
    | Subscribed
    | Unsubscribed
    | Events
    | Resync
    | Ephemeral
    | Ack
    | HistoryPage
    | ThreadPage
    | Notice;
export const StatePayload: z.ZodType<StatePayload> = z.discriminatedUnion("kind", [
    Welcome,
    Subscribed,
    Unsubscribed,
    Events,
    Resync,
    Ephemeral,
    Ack,
    HistoryPage,
    ThreadPage,
    Notice,
]);

/** Server: entries and answers. */
export interface StateUpdate {
    type: "state_update";
    payload: StatePayload;
    timestamp: Ts;
}
export const StateUpdate = z.strictObject({
    type: z.literal("state_update"),
    payload: StatePayload,
    timestamp: Ts,
});

/** Everything the server sends. */
export type ServerFrame = StateUpdate | ServerAction | Error | Ping | Pong;
export const ServerFrame: z.ZodType<ServerFrame> = z.discriminatedUnion("type", [
    StateUpdate,
    ServerAction,
    Error,
    Ping,
    Pong,
]);

/** The props of each component of the catalogue, by the component's name. */
export interface Catalogue {
    text: TextProps;
    markdown: MarkdownProps;
    card: CardProps;
    list: ListProps;
    table: TableProps;
    chart: ChartProps;
    form: FormProps;
    buttons: ButtonsProps;
    progress: ProgressProps;
    image: ImageProps;
    code: CodeProps;
    plan: PlanProps;
    document: DocumentProps;
    approval: ApprovalProps;
}
export const Catalogue = {
    text: TextProps,
    markdown: MarkdownProps,
    card: CardProps,
    list: ListProps,
    table: TableProps,
    chart: ChartProps,
    form: FormProps,
    buttons: ButtonsProps,
    progress: ProgressProps,
    image: ImageProps,
    code: CodeProps,
    plan: PlanProps,
    document: DocumentProps,
    approval: ApprovalProps,
} satisfies { [Name in keyof Catalogue]: z.ZodType<Catalogue[Name]> };
