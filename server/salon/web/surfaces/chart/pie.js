/** A pie: the shares of one series. */

import { html } from "../../vendor/preact.js";
import { place } from "./axes.js";
import { full } from "./scale.js";

const SIZE = 220;
const RADIUS = 100;

export function Pie({ series, labels, unit }) {
    const values = series.values.map((value) => Math.max(0, value ?? 0));
    const whole = values.reduce((sum, value) => sum + value, 0);
    let before = 0;
    const slices = values.map((value, n) => {
        const from = before / whole;
        before += value;
        return { from, to: before / whole, value, n };
    });
    const label = whole > 0 ? labels.map((name, n) => `${name} ${share(values[n], whole)}`).join(", ") : "no values";
    return html`<svg class="pie" viewBox=${`0 0 ${SIZE} ${SIZE}`} role="img" aria-label=${`pie chart: ${label}`}>
        ${slices
            .filter(({ value }) => value > 0)
            .map(
                ({ from, to, value, n }) => html`<g data-hue=${n % 8}>
            <path class="mark slice" d=${slice(from, to)}>
                <title>${`${labels[n]}: ${full(value, unit)} (${share(value, whole)})`}</title></path>
            ${to - from > 0.06 && html`<text x=${at((from + to) / 2, 66)[0]} y=${at((from + to) / 2, 66)[1] + 4}
                text-anchor="middle">${share(value, whole)}</text>`}
        </g>`,
            )}
    </svg>`;
}

function slice(from, to) {
    if (to - from > 0.9999) return `M${SIZE / 2 - RADIUS},${SIZE / 2}a${RADIUS},${RADIUS} 0 1 1 0,0.01z`;
    const [x1, y1] = at(from, RADIUS);
    const [x2, y2] = at(to, RADIUS);
    return `M${SIZE / 2},${SIZE / 2}L${x1},${y1}A${RADIUS},${RADIUS} 0 ${to - from > 0.5 ? 1 : 0} 1 ${x2},${y2}z`;
}

function at(turn, distance) {
    const angle = 2 * Math.PI * (turn - 0.25);
    return [place(SIZE / 2 + distance * Math.cos(angle)), place(SIZE / 2 + distance * Math.sin(angle))];
}

function share(value, whole) {
    return `${Math.round((100 * value) / whole)} %`;
}
