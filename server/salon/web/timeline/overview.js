/** The sums of a log on the screen: the hand-off graph as a picture and in words, and what was used. */

import { h, html } from "../vendor/preact.js";
import { hueOf } from "../elements/people.js";
import { lasted } from "./entries.js";
import { floorOf, PEOPLE, usageOf } from "./sums.js";

/** @param {{entries: object[], roster: {id: string}[], choose: (seq: number) => void}} props */
export function Overview({ entries, roster, choose }) {
    return html`<div class="overview">
        <h3>How the floor went round</h3>
        ${h(Floor, { ways: floorOf(entries), roster, choose })}
        <h3>What was used</h3>
        ${h(Usage, { rows: usageOf(entries), roster })}
    </div>`;
}

const WIDE = 400;
const HIGH = 300;
const BOX = { wide: 92, high: 30 };

function Floor({ ways, roster, choose }) {
    if (ways.length === 0) return html`<p class="soft">No agent has spoken yet.</p>`;
    const names = [PEOPLE, ...roster.map(({ id }) => id), ...ways.flatMap(({ from, to }) => [from, to])];
    const places = around([...new Set(names)]);
    const most = Math.max(...ways.map(({ count }) => count));
    return html`
        <svg class="floor" viewBox=${`0 0 ${WIDE} ${HIGH}`} role="img" aria-label=${`Hand-offs: ${ways.map(inWords).join("; ")}`}>
            <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.500L8 4L0 7.500z" /></marker></defs>
            ${ways.map((way) => h(Way, { key: `${way.from} ${way.to}`, way, places, most }))}
            ${[...places].map(([name, { x, y }]) => html`<g key=${name} class=${ways.some(({ from, to }) => from === name || to === name) ? "" : "silent"}
                data-hue=${name === PEOPLE ? undefined : hueOf(name, roster)} transform=${`translate(${x} ${y})`}>
                <rect x=${-BOX.wide / 2} y=${-BOX.high / 2} width=${BOX.wide} height=${BOX.high} rx=${name === PEOPLE ? BOX.high / 2 : 7} />
                <text text-anchor="middle" dy="0.35em">${name.length > 13 ? `${name.slice(0, 12)}…` : name}</text></g>`)}
        </svg>
        <ol class="ways">${ways.map((way) => html`<li key=${`${way.from} ${way.to}`}>
            <b>${way.from}</b> → <b>${way.to}</b> ${way.count > 1 && `${way.count}× `}<span class="soft">${way.reasons.at(-1)}</span>
            ${way.seqs.slice(-6).map((seq) => html`<button type="button" class="quiet" aria-label=${`Entry ${seq}`} onClick=${() => choose(seq)}>${seq}</button>`)}</li>`)}</ol>`;
}

/** People above, the agents in a ring below and around. */
function around(names) {
    const [x, y] = [WIDE / 2, HIGH / 2];
    return new Map(names.map((name, n) => {
        const turn = (2 * Math.PI * n) / names.length - Math.PI / 2;
        return [name, { x: x + (x - BOX.wide / 2 - 4) * Math.cos(turn), y: y + (y - BOX.high / 2 - 4) * Math.sin(turn) }];
    }));
}

function Way({ way: { from, to, count, reasons }, places, most }) {
    const [a, b] = [places.get(from), places.get(to)];
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const long = Math.hypot(dx, dy) || 1;
    // Bent to one side, so that there and back are two lines.
    const bend = { x: (a.x + b.x) / 2 - (dy / long) * 22, y: (a.y + b.y) / 2 + (dx / long) * 22 };
    const start = atEdge(a, bend);
    const end = atEdge(b, bend);
    const middle = { x: (start.x + 2 * bend.x + end.x) / 4, y: (start.y + 2 * bend.y + end.y) / 4 };
    return html`<g class="way"><title>${[`${from} to ${to}: ${count}`, ...new Set(reasons)].join("\n")}</title>
        <path d=${`M${start.x} ${start.y}Q${bend.x} ${bend.y} ${end.x} ${end.y}`} stroke-width=${1.2 + (1.8 * count) / most} marker-end="url(#tip)" />
        <circle cx=${middle.x} cy=${middle.y} r="8" /><text x=${middle.x} y=${middle.y} text-anchor="middle" dy="0.35em">${count}</text></g>`;
}

/** Where the line from the middle of a box towards a point leaves the box. */
function atEdge({ x, y }, towards) {
    const [dx, dy] = [towards.x - x, towards.y - y];
    const part = Math.min((BOX.wide / 2 + 3) / (Math.abs(dx) || 1), (BOX.high / 2 + 3) / (Math.abs(dy) || 1));
    return { x: x + dx * part, y: y + dy * part };
}

function inWords({ from, to, count }) {
    return `${from} to ${to} ${count === 1 ? "once" : `${count} times`}`;
}

const NUMBER = new Intl.NumberFormat();

function Usage({ rows, roster }) {
    if (rows.length === 0) return html`<p class="soft">No model was asked yet.</p>`;
    const all = (name) => rows.reduce((sum, row) => sum + row[name], 0);
    const paid = all("credits") > 0;
    const numbers = (row) => html`<td>${row.turns}</td><td>${row.calls}</td><td>${NUMBER.format(row.read)}</td><td>${NUMBER.format(row.written)}</td>
        ${paid && html`<td>${NUMBER.format(row.credits)}</td>`}<td>${lasted(row.seconds)}</td>`;
    const sums = Object.fromEntries(["turns", "calls", "read", "written", "credits", "seconds"].map((name) => [name, all(name)]));
    return html`<div class="scroll-x" tabindex="0" role="region" aria-label="What was used"><table class="usage">
        <thead><tr><th scope="col">agent</th><th scope="col">model</th><th scope="col">turns</th><th scope="col">calls</th><th scope="col">tokens in</th><th scope="col">out</th>
            ${paid && html`<th scope="col">credits</th>`}<th scope="col">time</th></tr></thead>
        <tbody>${rows.map((row) => html`<tr key=${`${row.agent} ${row.model}`}><th scope="row" data-hue=${hueOf(row.agent, roster)}>${row.agent}</th><td class="model">${row.model}</td>${numbers(row)}</tr>`)}</tbody>
        <tfoot><tr><th scope="row" colspan="2">all</th>${numbers(sums)}</tr></tfoot>
    </table></div>`;
}
