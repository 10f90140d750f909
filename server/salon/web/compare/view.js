/** Two branches of a room side by side: what they share, then round by round what came of each. */

import { h, html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { Chunk } from "../feed/items.js";
import { useLook } from "../feed/view.js";
import { RoomProvider, useLive } from "../room/context.js";
import { Live } from "../room/live.js";
import { hashOf } from "../route.js";
import { lasted } from "../timeline/entries.js";
import { usageOf } from "../timeline/sums.js";
import { Ask } from "./ask.js";
import { isCopyOf, itemsUpTo, partingOf, roundsAfter, rowsOf } from "./split.js";

/** @param {{route: import("../route.js").Route}} props */
export function Compare({ route }) {
    const one = useLive();
    const other = useOther(route.other);
    const looks = [useLook(one), useLook(other)];
    const parting = useParting(one, other);
    const shared = useMemo(() => itemsUpTo(one.feed.chunks, parting), [one.feed.chunks, parting]);
    const sides = [one, other].map((live, n) => ({
        live,
        look: looks[n],
        name: namesOf(one, other)[n],
        rounds: roundsAfter(live.feed.chunks, parting),
    }));
    const rows = rowsOf(sides[0].rounds, sides[1].rounds);
    const closed = [one, other].find(({ view }) => view.status === "closed");
    const box = useEnd(sides.map(({ live }) => live.state.seq).join());
    const line = (row, n) => html`<div class="sides" key=${n}>
        ${sides.map((side, m) => h(Round, { key: side.live.room, ...side, items: row[m] }))}</div>`;
    return html`<main class="compare" aria-label="Two branches side by side">
        <h2 class="sr">Two branches side by side</h2>
        <div class="branches" ref=${box} tabindex="0" role="region" aria-label="What was said">
            ${closed && html`<p class="shared failed" role="alert">${closed.view.problem.message}</p>`}
            ${!closed && h(Shared, { shared, look: looks[0], live: one, parting, reading: one.reading || other.reading })}
            <div class="sides heads">${sides.map((side) => h(Head, { key: side.live.room, ...side, parting }))}</div>
            ${rows.map(line)}
            <div class="sides">${sides.map((side) => h(Silence, { key: side.live.room, ...side }))}</div>
        </div>
        ${h(Ask, { sides })}
    </main>`;
}

function Shared({ shared, look, live, parting, reading }) {
    const said = shared.filter(({ kind }) => kind === "message" || kind === "turn").length;
    if (reading) return html`<p class="shared soft" role="status">Reading both rooms …</p>`;
    if (parting === 0) return html`<p class="shared soft">These rooms have no beginning in common.</p>`;
    return html`<details class="shared">
        <summary>The same in both: ${said} ${said === 1 ? "contribution" : "contributions"},
            up to entry ${parting}</summary>
        <${RoomProvider} value=${live}>${h(Chunk, { items: shared, look })}</${RoomProvider}></details>`;
}

function Head({ live, name, parting }) {
    const rows = usageOf(live.entries.filter(({ seq }) => seq > parting));
    const sum = (of) => rows.reduce((all, row) => all + of(row), 0);
    const [turns, tokens, seconds] = [
        sum((row) => row.turns),
        sum((row) => row.read + row.written),
        sum((row) => row.seconds),
    ];
    const used = turns > 0 ? `, ${tokens} tokens, ${lasted(seconds)}` : "";
    return html`<header><h3>${name}</h3>
        <a href=${hashOf({ view: "room", room: live.room })}>${live.state.title ?? "Untitled room"}</a>
        <span class="soft">${turns} ${turns === 1 ? "turn" : "turns"} since${used}</span></header>`;
}

/** In the place of what a side has not said yet. */
function Silence({ name, rounds }) {
    const silent = rounds.every((round) => round.length === 0);
    return html`<section class="side" aria-label=${name}>
        ${silent && html`<p class="soft nothing">Nothing was said here since. Ask something below.</p>`}</section>`;
}

function Round({ live, look, name, items }) {
    return html`<section class="side" aria-label=${name} data-name=${name}>
        ${items?.length > 0 && html`<${RoomProvider} value=${live}>${h(Chunk, { items, look })}</${RoomProvider}>`}
    </section>`;
}

function namesOf(one, other) {
    if (isCopyOf(other.entries, one.room)) return ["Original", "Branch"];
    return isCopyOf(one.entries, other.room) ? ["Branch", "Original"] : ["One branch", "Other branch"];
}

/** The second room, live as the first. */
function useOther(room) {
    const other = useMemo(() => new Live(room), [room]);
    const [, redraw] = useState(0);
    useEffect(() => {
        const stop = other.subscribe(() => redraw((count) => count + 1));
        return () => {
            stop();
            other.close();
        };
    }, [other]);
    return other;
}

/** Where the two part; reads back until that is known. */
function useParting(one, other) {
    const parting = partingOf(one.entries, other.entries);
    const later = (one.entries[0]?.seq ?? 0) > (other.entries[0]?.seq ?? 0) ? one : other;
    const reads = parting === 0 && !one.reading && !other.reading && later.more;
    useEffect(() => {
        if (reads) later.older().catch((error) => console.info("The rooms could not be read further back.", error));
    }, [reads, later, later.entries[0]?.seq]);
    return parting;
}

/** A box that stays at its end when it grows, if that was where one looked. */
function useEnd(grown) {
    const box = useRef(null);
    const held = useRef(true);
    useEffect(() => {
        const element = box.current;
        const look = () => {
            held.current = element.scrollHeight - element.scrollTop - element.clientHeight < 120;
        };
        element.addEventListener("scroll", look, { passive: true });
        return () => element.removeEventListener("scroll", look);
    }, []);
    useLayoutEffect(() => {
        if (held.current) box.current.scrollTop = box.current.scrollHeight;
    }, [grown]);
    return box;
}
