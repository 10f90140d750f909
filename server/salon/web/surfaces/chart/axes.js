/** Where things stand in a chart: the plot's area, its scales, and the axes drawn. */

import { h, html } from "../../vendor/preact.js";
import { scaleOf, short } from "./scale.js";

export const WIDTH = 640;
export const HEIGHT = 300;
const LEFT = 52;
const RIGHT = 12;
const TOP = 14;
const BOTTOM = 44;

/** The plot of some series: `x`, `y` and `middle` (of a label's band) place values, `spans` are the ends of each. */
export function plotOf({ kind, series, labels, stacked }) {
    const scatter = kind === "scatter";
    const piled = stacked && !scatter && kind !== "line";
    const spans = piled ? pile(series) : series.map(({ values }) => values.map((value) => [0, value ?? 0]));
    const ends = spans.flatMap((each) => each.flatMap(([, to]) => [to]));
    const vertical = scaleOf(ends, { zero: !scatter });
    const horizontal = scatter
        ? scaleOf(
              series.flatMap(({ x }) => x ?? []),
              { zero: false, count: 6 },
          )
        : null;
    const across = WIDTH - LEFT - RIGHT;
    const band = across / Math.max(1, labels.length);
    return {
        band,
        spans,
        stacked: piled,
        ticks: vertical.ticks,
        xTicks: horizontal?.ticks ?? [],
        y: (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - vertical.low) / (vertical.high - vertical.low)),
        x: (value) => LEFT + (across * (value - horizontal.low)) / (horizontal.high - horizontal.low),
        middle: (i) => LEFT + band * (i + 0.5),
    };
}

/** The axes with their numbers and labels; of many labels only as many as there is room for. */
export function Axes({ plot, labels, xLabel, yLabel }) {
    const every = Math.ceil(labels.length / 12);
    const longest = Math.max(4, Math.floor((plot.band * every) / 6.5));
    const below = HEIGHT - BOTTOM + 18;
    return html`<g class="axes" aria-hidden="true">
        ${plot.ticks.map((tick) => h(Level, { y: plot.y(tick), tick }))}
        ${labels.map((label, i) => i % every === 0 &&
            h(Mark, { x: plot.middle(i), y: below, text: clipped(label, longest) }))}
        ${plot.xTicks.map((tick) => h(Mark, { x: plot.x(tick), y: below, text: short(tick) }))}
        ${xLabel && h(Mark, { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, text: xLabel })}
        ${yLabel && h(Mark, { x: LEFT - 44, y: TOP - 3, text: yLabel, anchor: "start" })}
    </g>`;
}

function Level({ y, tick }) {
    const at = place(y);
    return html`<line class=${tick === 0 ? "zero" : "grid"} x1=${LEFT} x2=${WIDTH - RIGHT} y1=${at} y2=${at} />
        <${Mark} x=${LEFT - 8} y=${y + 4} text=${short(tick)} anchor="end" />`;
}

function Mark({ x, y, text, anchor = "middle" }) {
    return html`<text x=${place(x)} y=${place(y)} text-anchor=${anchor}>${text}</text>`;
}

/** A coordinate with as many digits as can be seen. */
export function place(value) {
    return Number(value.toFixed(2));
}

function clipped(label, longest) {
    return label.length > longest ? `${label.slice(0, longest - 1)}…` : label;
}

/** Series on top of each other: what is above zero upwards, what is below downwards. */
function pile(series) {
    const up = [];
    const down = [];
    return series.map(({ values }) =>
        values.map((value, i) => {
            const pileOf = (value ?? 0) < 0 ? down : up;
            const from = pileOf[i] ?? 0;
            pileOf[i] = from + (value ?? 0);
            return [from, pileOf[i]];
        }),
    );
}
