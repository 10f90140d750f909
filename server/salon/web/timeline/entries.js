/** The log as a list: one line for each entry. Only the lines on the screen are drawn, however long the log is. */

import { h, html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { hueOf, nameOf } from "../elements/people.js";

const LINE = 30; // pixels, as the style says
const AROUND = 12;

/**
 * `at`: the seq of the chosen entry; null: the newest, which is kept on the screen.
 * @param {{rows: object[], at: number | null, choose: (seq: number) => void, roster: object[], me?: string}} props
 */
export function Entries({ rows, at, choose, roster, me }) {
    const box = useRef(null);
    const [from, height] = useWindow(box);
    const chosen = place(rows, at);
    useLayoutEffect(() => {
        const { scrollTop, clientHeight } = box.current;
        const top = chosen * LINE;
        if (at === null) box.current.scrollTop = box.current.scrollHeight;
        else if (top < scrollTop || top + LINE > scrollTop + clientHeight)
            box.current.scrollTop = top - clientHeight / 2;
    }, [chosen, at === null, rows.length]);
    const keys = (event) => {
        const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -rows.length, End: rows.length }[
            event.key
        ];
        if (step === undefined || rows.length === 0) return;
        event.preventDefault();
        choose(rows[Math.min(rows.length - 1, Math.max(0, chosen + step))].entry.seq);
    };
    const first = Math.max(0, Math.floor(from / LINE) - AROUND);
    const shown = rows.slice(first, Math.ceil((from + height) / LINE) + AROUND);
    const active = rows[chosen]?.entry.seq;
    const draw = (row, n) => {
        const { seq } = row.entry;
        const props = {
            row,
            n: first + n,
            before: rows[first + n - 1],
            later: at !== null && seq > at,
            chosen: seq === active,
        };
        return h(Line, { key: seq, ...props, choose, roster, me });
    };
    return html`<div class="entries" ref=${box} role="grid" tabindex="0" aria-label="Entries of the log"
        aria-rowcount=${rows.length} aria-activedescendant=${active && `entry-${active}`} onKeyDown=${keys}>
        <div class="entry heads" role="row">${HEADS.map((head) => html`<span role="columnheader">${head}</span>`)}</div>
        <div class="lines" role="presentation" style=${{ height: `${rows.length * LINE}px` }}>
            <div role="presentation" style=${{ transform: `translateY(${first * LINE}px)` }}>
                ${shown.map(draw)}
            </div>
        </div>
    </div>`;
}

const HEADS = ["seq", "time", "after", "cause", "who", "event", "cost", "what"];

function Line({ row: { entry, kind, who, what, cost }, n, before, later, chosen, choose, roster, me }) {
    const { seq, at: time, cause, body } = entry;
    return html`<div class=${`entry kind-${kind}${later ? " later" : ""}`} role="row" id=${`entry-${seq}`}
        aria-rowindex=${n + 1} aria-selected=${chosen} data-hue=${who && hueOf(who, roster)}
        onClick=${() => choose(seq)}>
        <span role="gridcell">${seq}</span>
        <span role="gridcell">${clock(time)}</span>
        <span role="gridcell">${before && lasted(time - before.entry.at)}</span>
        <span role="gridcell" title=${cause}>${cause && `…${cause.slice(-6)}`}</span>
        <span role="gridcell" class="who">${who && nameOf({ id: who, name: body.author?.name }, me)}</span>
        <span role="gridcell" class="event">${body.event}</span>
        <span role="gridcell">${cost}</span>
        <span role="gridcell" class="what">${what}</span>
    </div>`;
}

/** Where in `rows` the entry `at` is, or the last one before it. */
export function place(rows, at) {
    if (at === null) return rows.length - 1;
    return Math.max(
        0,
        rows.findLastIndex(({ entry }) => entry.seq <= at),
    );
}

/** The time of day, to the millisecond. @param {number} at seconds since 1970 */
export function clock(at) {
    const date = new Date(at * 1000);
    const digits = (number, count) => String(number).padStart(count, "0");
    const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()];
    return `${[hours, minutes, seconds].map((each) => digits(each, 2)).join(":")}.${digits(date.getMilliseconds(), 3)}`;
}

/** How long something took. @param {number} seconds */
export function lasted(seconds) {
    if (seconds < 0.0005) return "";
    if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
    if (seconds < 100) return `${seconds.toFixed(1)} s`;
    return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** How far a box is scrolled and how high it is, in pixels. */
function useWindow(box) {
    const [shown, show] = useState([0, 800]);
    useEffect(() => {
        const look = () => show([box.current.scrollTop, box.current.clientHeight]);
        const watch = new ResizeObserver(look);
        watch.observe(box.current);
        const element = box.current;
        element.addEventListener("scroll", look, { passive: true });
        return () => {
            watch.disconnect();
            element.removeEventListener("scroll", look);
        };
    }, []);
    return shown;
}
