/** How the floor went round, as a picture and in words. */

import { h, html } from "../vendor/preact.js";
import { hueOf } from "../elements/people.js";
import { PEOPLE } from "./sums.js";

const WIDE = 400;
const HIGH = 300;
const BOX = { wide: 92, high: 30 };
const LONGEST = 13; // letters of a name in its box

/**
 * @param {{ways: object[], roster: {id: string}[], choose: (seq: number) => void}} props
 * `ways`: as `floorOf` gives them.
 */
export function Graph({ ways, roster, choose }) {
    if (ways.length === 0) return html`<p class="soft">No agent has spoken yet.</p>`;
    const took = new Set(ways.flatMap(({ from, to }) => [from, to]));
    const places = around([...new Set([PEOPLE, ...roster.map(({ id }) => id), ...took])]);
    const most = Math.max(...ways.map(({ count }) => count));
    const box = ([name, place]) => h(Box, { key: name, name, place, roster, silent: !took.has(name) });
    const label = `Hand-offs: ${ways.map(inWords).join("; ")}`;
    return html`
        <svg class="floor" viewBox=${`0 0 ${WIDE} ${HIGH}`} role="img" aria-label=${label}>
            <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"
                markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.5L8 4L0 7.5z" /></marker></defs>
            ${ways.map((way) => h(Way, { key: keyOf(way), way, places, most }))}
            ${[...places].map(box)}
        </svg>
        <ol class="ways">${ways.map((way) => h(Told, { key: keyOf(way), way, choose }))}</ol>`;
}

function Box({ name, place: { x, y }, roster, silent }) {
    const { wide, high } = BOX;
    const person = name === PEOPLE;
    return html`<g class=${silent ? "silent" : ""} data-hue=${person ? undefined : hueOf(name, roster)}
        transform=${`translate(${x} ${y})`}>
        <rect x=${-wide / 2} y=${-high / 2} width=${wide} height=${high} rx=${person ? high / 2 : 7} />
        <text text-anchor="middle" dy="0.35em">${name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name}</text>
    </g>`;
}

function Way({ way: { from, to, count, reasons }, places, most }) {
    const [a, b] = [places.get(from), places.get(to)];
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const long = Math.hypot(dx, dy) || 1;
    // Bent to one side, so that there and back are two lines.
    const bend = { x: (a.x + b.x) / 2 - (dy / long) * 22, y: (a.y + b.y) / 2 + (dx / long) * 22 };
    const [start, end] = [atEdge(a, bend), atEdge(b, bend)];
    const [x, y] = [(start.x + 2 * bend.x + end.x) / 4, (start.y + 2 * bend.y + end.y) / 4];
    const line = `M${start.x} ${start.y}Q${bend.x} ${bend.y} ${end.x} ${end.y}`;
    return html`<g class="way"><title>${[`${from} to ${to}: ${count}`, ...new Set(reasons)].join("\n")}</title>
        <path d=${line} stroke-width=${1.2 + (1.8 * count) / most} marker-end="url(#tip)" />
        <circle cx=${x} cy=${y} r="8" /><text x=${x} y=${y} text-anchor="middle" dy="0.35em">${count}</text>
    </g>`;
}

function Told({ way: { from, to, count, reasons, seqs }, choose }) {
    const place = (seq) => html`<button type="button" class="quiet" key=${seq} aria-label=${`Entry ${seq}`}
        onClick=${() => choose(seq)}>${seq}</button>`;
    return html`<li><b>${from}</b> → <b>${to}</b> ${count > 1 && `${count}× `}
        <span class="soft">${reasons.at(-1)}</span> ${seqs.slice(-6).map(place)}</li>`;
}

/** Places on a ring, from the top on. */
function around(names) {
    const [x, y] = [WIDE / 2, HIGH / 2];
    const [wide, high] = [x - BOX.wide / 2 - 4, y - BOX.high / 2 - 4];
    const place = (turn) => ({ x: x + wide * Math.cos(turn), y: y + high * Math.sin(turn) });
    return new Map(names.map((name, n) => [name, place((2 * Math.PI * n) / names.length - Math.PI / 2)]));
}

/** Where the line from the middle of a box towards a point leaves the box. */
function atEdge({ x, y }, towards) {
    const [dx, dy] = [towards.x - x, towards.y - y];
    const part = Math.min((BOX.wide / 2 + 3) / (Math.abs(dx) || 1), (BOX.high / 2 + 3) / (Math.abs(dy) || 1));
    return { x: x + dx * part, y: y + dy * part };
}

function keyOf({ from, to }) {
    return `${from} ${to}`;
}

function inWords({ from, to, count }) {
    return `${from} to ${to} ${count === 1 ? "once" : `${count} times`}`;
}
