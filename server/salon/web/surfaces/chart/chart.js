/** Charts as SVG: bars, lines, areas, pies and points, with the numbers in a table for those who cannot see them. */

import { h, html } from "../../vendor/preact.js";
import { Axes, HEIGHT, place, plotOf, WIDTH } from "./axes.js";
import { full } from "./scale.js";
import { Pie } from "./pie.js";

export function Chart(props) {
    const { kind, title, series, labels = [], unit } = props;
    const named = series.map((each, n) => ({ ...each, hue: n % 8 }));
    const drawing = kind === "pie" ? h(Pie, { series: named[0], labels, unit }) : h(Plot, { ...props, series: named });
    const legend = kind === "pie" ? labels.map((name, n) => ({ name, hue: n % 8 })) : named.length > 1 ? named : [];
    return html`<figure class="chart">
        ${title && html`<figcaption>${title}</figcaption>`}
        ${drawing}
        ${legend.length > 0 && html`<ul class="legend" aria-hidden="true">${legend.map(({ name, hue }) => html`<li
            data-hue=${hue}><i></i>${name}</li>`)}</ul>`}
        <${Numbers} title=${title} series=${series} labels=${labels} unit=${unit} />
    </figure>`;
}

function Plot({ kind, series, labels = [], unit, title, x_label: xLabel, y_label: yLabel, stacked = false }) {
    const plot = plotOf({ kind, series, labels, stacked });
    const marks = series.map((each, n) =>
        h(MARKS[kind], { key: n, plot, each, n, count: series.length, labels, unit }),
    );
    return html`<svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img"
        aria-label=${`${kind} chart${title ? `: ${title}` : ""}`}>
        <${Axes} plot=${plot} labels=${labels} xLabel=${xLabel} yLabel=${yLabel ?? unit} />
        ${marks}
    </svg>`;
}

function Bars({ plot, each, n, count, labels, unit }) {
    const beside = plot.stacked ? 1 : count;
    const width = Math.min(56, (plot.band * 0.72) / beside);
    return html`<g data-hue=${each.hue}>${each.values.map((value, i) => {
        if (value === null) return null;
        const [from, to] = plot.spans[n][i];
        const x = plot.middle(i) - (width * beside) / 2 + (plot.stacked ? 0 : n * width);
        const [top, bottom] = [plot.y(Math.max(from, to)), plot.y(Math.min(from, to))];
        return html`<rect class="mark" x=${place(x + 1)} y=${place(top)} width=${place(Math.max(1, width - 2))}
            height=${place(Math.max(1, bottom - top))} rx="3">
            <title>${`${labels[i]}, ${each.name}: ${full(value, unit)}`}</title></rect>`;
    })}</g>`;
}

function Line({ plot, each, n, labels, unit }) {
    const points = each.values.map((value, i) =>
        value === null ? null : [plot.middle(i), plot.y(plot.spans[n][i][1]), value, i],
    );
    return html`<g data-hue=${each.hue}>
        ${runs(points).map((run) => html`<polyline class="line"
            points=${run.map(([x, y]) => `${place(x)},${place(y)}`).join(" ")} />`)}
        ${points.length <= 60 && h(Dots, { points, each, labels, unit })}
    </g>`;
}

function Area(props) {
    const { plot, each, n } = props;
    const points = each.values.map((value, i) =>
        value === null ? null : [plot.middle(i), plot.y(plot.spans[n][i][1]), plot.y(plot.spans[n][i][0])],
    );
    const shapes = runs(points).map((run) => [
        ...run.map(([x, y]) => [x, y]),
        ...run.map(([x, , base]) => [x, base]).reverse(),
    ]);
    return html`<g data-hue=${each.hue}>${shapes.map((shape) => html`<polygon class="area"
        points=${shape.map(([x, y]) => `${place(x)},${place(y)}`).join(" ")} />`)}
        <${Line} ...${props} /></g>`;
}

function Points({ plot, each, unit }) {
    const points = each.values.map((value, i) =>
        value === null ? null : [plot.x(each.x[i]), plot.y(value), value, i],
    );
    return html`<g data-hue=${each.hue}><${Dots} points=${points} each=${each} labels=${(each.x ?? []).map(String)}
        unit=${unit} /></g>`;
}

function Dots({ points, each, labels, unit }) {
    return points
        .filter((point) => point !== null)
        .map(([x, y, value, i]) => html`<circle class="mark" cx=${place(x)} cy=${place(y)} r="3.5">
            <title>${`${labels[i] ?? ""}, ${each.name}: ${full(value, unit)}`}</title></circle>`);
}

const MARKS = { bar: Bars, line: Line, area: Area, scatter: Points };

/** Neighbours without a gap. */
function runs(points) {
    const found = [[]];
    for (const point of points) {
        if (point !== null) found.at(-1).push(point);
        else if (found.at(-1).length > 0) found.push([]);
    }
    return found.filter((run) => run.length > 0);
}

/** The same in words: for screen readers, and for whoever wants the exact numbers. */
function Numbers({ title, series, labels, unit }) {
    const rows = labels.length > 0 ? labels : (series[0].x ?? []);
    const number = (value) => value === null || value === undefined ? "" : full(value, unit);
    return html`<details class="numbers"><summary>Numbers</summary>
        <div class="scroll-x" tabindex="0" role="region" aria-label=${`Numbers${title ? ` of ${title}` : ""}`}><table>
            <thead><tr><td></td>
                ${series.map(({ name }) => html`<th scope="col" class="align-right">${name}</th>`)}</tr></thead>
            <tbody>${rows.map((label, i) => html`<tr><th scope="row">${label}</th>
                ${series.map(({ values }) => html`<td class="align-right">${number(values[i])}</td>`)}</tr>`)}</tbody>
        </table></div></details>`;
}
