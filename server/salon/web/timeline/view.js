/** A room as a timeline, for whoever builds with it: its log, what that adds up to, the room at any moment of it. */

import { h, html, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { useLive } from "../room/context.js";
import { Detail, FrameList } from "./detail.js";
import { Entries } from "./entries.js";
import { Graph } from "./graph.js";
import { Replay, RoomThen } from "./replay.js";
import { floorOf, usageOf } from "./sums.js";
import { KINDS, Telling } from "./telling.js";
import { Usage } from "./usage.js";

const READ = 2000; // entries that are fetched at once
const HIDDEN = new Set(["pieces"]); // streaming: many, and told again by what ends it

export function Timeline() {
    const live = useLive();
    const rows = useRef(new Telling()).current.of(live.entries);
    const [at, go] = useState(null);
    const [tab, setTab] = useState("overview");
    const [hidden, hide] = useState(HIDDEN);
    const [query, search] = useState("");
    const [problem, readOn] = useLongLog(live);
    const shown = useMemo(() => fitting(rows, hidden, query), [rows, hidden, query]);
    const entries = useMemo(() => live.entries.filter(({ seq }) => at === null || seq <= at), [rows, at]);
    const choose = (seq) => {
        go(seq);
        if (tab === "overview" || tab === "frames") setTab("entry");
    };
    const replay = (seq) => {
        go(seq);
        if (seq !== null && tab === "frames") setTab("then");
    };
    const { roster } = live.state;
    const row = at === null ? rows.at(-1) : rows.findLast(({ entry }) => entry.seq <= at);
    const tabs = {
        overview: () => h(Overview, { entries, roster, choose }),
        entry: () => h(Detail, { key: row?.entry.seq, row, rows, live, choose }),
        then: () => h(RoomThen, { live, entries, now: at === null }),
        frames: () => h(FrameList, { frames: live.frames }),
    };
    return html`<main class="timeline" aria-label="Timeline">
        <h2 class="sr">Timeline</h2>
        <section class="log" aria-label="Log">
            ${h(Filters, { rows, hidden, hide, query, search, shown: shown.length })}
            ${live.more && h(Older, { readOn })}
            ${problem && html`<p class="failed" role="alert">${problem}</p>`}
            ${h(Entries, { rows: shown, at, choose, roster, me: live.me })}
        </section>
        <aside aria-label="About the log">
            ${h(Tabs, { tab, setTab })}
            <div id="about" role="tabpanel" aria-labelledby=${`tab-${tab}`}>${tabs[tab]()}</div>
        </aside>
        ${h(Replay, { rows: shown, at, go: replay })}
    </main>`;
}

const TABS = { overview: "Overview", entry: "Entry", then: "Room then", frames: "Frames" };

function Tabs({ tab, setTab }) {
    const keys = (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step === undefined) return;
        const names = Object.keys(TABS);
        const next = names.at((names.indexOf(tab) + step) % names.length);
        setTab(next);
        document.getElementById(`tab-${next}`).focus();
    };
    const button = ([name, label]) => html`<button type="button" role="tab" key=${name} id=${`tab-${name}`}
        tabindex=${tab === name ? 0 : -1} aria-selected=${tab === name} aria-controls="about"
        onClick=${() => setTab(name)}>${label}</button>`;
    return html`<div class="tabs" role="tablist" onKeyDown=${keys}>${Object.entries(TABS).map(button)}</div>`;
}

/** What the log adds up to. */
function Overview({ entries, roster, choose }) {
    return html`<div class="overview">
        <h3>How the floor went round</h3>
        ${h(Graph, { ways: floorOf(entries), roster, choose })}
        <h3>What was used</h3>
        ${h(Usage, { rows: usageOf(entries), roster })}
    </div>`;
}

function Older({ readOn }) {
    return html`<p class="earlier soft">
        Older entries are not here yet.
        ${" "}<button type="button" class="quiet" onClick=${readOn}>Read older ones</button></p>`;
}

function Filters({ rows, hidden, hide, query, search, shown }) {
    const counts = useMemo(() => {
        const count = {};
        for (const { kind } of rows) count[kind] = (count[kind] ?? 0) + 1;
        return count;
    }, [rows]);
    const toggle = (kind) => () => {
        const next = new Set(hidden);
        if (!next.delete(kind)) next.add(kind);
        hide(next);
    };
    const button = (kind) => html`<button type="button" class="kind" key=${kind} aria-pressed=${!hidden.has(kind)}
        onClick=${toggle(kind)}>${kind} <span class="soft">${counts[kind] ?? 0}</span></button>`;
    return html`<div class="filters" role="group" aria-label="What is shown">
        <input type="search" value=${query} placeholder="Search entries" aria-label="Search in the entries"
            onInput=${(event) => search(event.target.value)} />
        ${[...Object.keys(KINDS), "room"].map(button)}
        <span class="soft" role="status">${shown} of ${rows.length}</span>
    </div>`;
}

function fitting(rows, hidden, query) {
    const words = query.trim().toLowerCase();
    return rows.filter(
        ({ entry, kind }) => !hidden.has(kind) && (words === "" || JSON.stringify(entry).toLowerCase().includes(words)),
    );
}

/** Reads the log back, some thousand entries at once. Gives what went wrong, and the way to read on. */
function useLongLog(live) {
    const [problem, setProblem] = useState("");
    const [most, setMost] = useState(READ);
    const reads = !live.reading && live.more && live.entries.length < most;
    useEffect(() => {
        if (reads) live.older().catch((error) => setProblem(error.message));
    }, [live, reads, live.entries[0]?.seq]);
    return [problem, () => setMost(live.entries.length + READ)];
}
