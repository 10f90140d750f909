/** Going through a room's log in time: to any entry with the slider, or from one to the next as they happened. */

import { h, html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { Chunk } from "../feed/items.js";
import { useLook } from "../feed/view.js";
import { RoomProvider } from "../room/context.js";
import { clock, place } from "./entries.js";
import { Then } from "./then.js";

const LONGEST = 700; // milliseconds that a pause takes at most
const SHORTEST = 15;
const SHOWN = 2; // chunks of the feed
const SPEEDS = [0.5, 1, 2, 5];

/**
 * @param {{rows: object[], at: number | null, go: (seq: number | null) => void}} props
 * `at`: the seq of the entry up to which the room is shown; null: as it is now.
 */
export function Replay({ rows, at, go }) {
    const [plays, play] = useState(false);
    const [speed, setSpeed] = useState(1);
    const here = place(rows, at);
    useEffect(() => {
        if (!plays) return undefined;
        const next = rows[here + 1];
        if (next === undefined) {
            play(false);
            go(null);
            return undefined;
        }
        const pause = (1000 * (next.entry.at - rows[here].entry.at)) / speed;
        const timer = setTimeout(() => go(next.entry.seq), Math.min(LONGEST / speed, Math.max(SHORTEST, pause)));
        return () => clearTimeout(timer);
    }, [plays, here, speed]);
    const toggle = () => {
        if (!plays && here === rows.length - 1) go(rows[0].entry.seq);
        play(!plays);
    };
    const slide = (event) => {
        play(false);
        const row = rows[event.target.valueAsNumber];
        go(row === rows.at(-1) ? null : row.entry.seq);
    };
    const now = rows[here]?.entry;
    return html`<div class="replay" role="group" aria-label="Replay">
        <button type="button" class="play" disabled=${rows.length < 2} onClick=${toggle}>
            ${plays ? "Pause" : "Replay"}
        </button>
        <label><span class="sr">Speed</span>
            <select value=${speed} onChange=${(event) => setSpeed(Number(event.target.value))}>
            ${SPEEDS.map((each) => html`<option value=${each}>${each}×</option>`)}</select></label>
        <input type="range" min="0" max=${Math.max(0, rows.length - 1)} value=${here} onInput=${slide}
            aria-label="Show the room as it was at an entry"
            aria-valuetext=${now && `entry ${now.seq}, ${now.body.event}`} />
        <output>${now ? `${now.seq} · ${clock(now.at)}` : "–"}</output>
        <button type="button" class="quiet" aria-pressed=${at === null} onClick=${() => {
            play(false);
            go(null);
        }}>Now</button>
    </div>`;
}

/**
 * The end of the conversation as it was.
 * @param {{live: import("../room/live.js").Live, entries: object[], now: boolean}} props the log up to then, or to now
 */
export function RoomThen({ live, entries, now }) {
    const then = useMemo(
        () => (now ? live : new Then(live, entries)),
        [live, now, now || entries.at(-1)?.seq, entries[0]?.seq],
    );
    const before = Math.max(0, then.feed.chunks.length - SHOWN);
    const box = useRef(null);
    useLayoutEffect(() => {
        box.current.scrollTop = box.current.scrollHeight;
    }, [then, entries.length]);
    const look = useLook(then);
    return html`<div class="then" ref=${box} tabindex="0" role="region" aria-label="The room as it was then">
        <${RoomProvider} value=${then}><div inert>
            ${then.feed.size === 0 && html`<p class="soft">Nothing was said yet.</p>`}
            ${then.feed.chunks.slice(before).map((items, n) => h(Chunk, { key: before + n, items, look }))}
        </div></${RoomProvider}>
    </div>`;
}
