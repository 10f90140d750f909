/** A table that can be sorted by each of its columns. */

import { h, html, useState } from "../vendor/preact.js";

const NUMBER = new Intl.NumberFormat(undefined, { maximumFractionDigits: 4 });
const FIRST = 25;

export function Table({ title, columns, rows, caption }) {
    const [order, setOrder] = useState(null);
    const [all, showAll] = useState(false);
    const sorted = order === null ? rows : [...rows].sort(by(order));
    const shown = all ? sorted : sorted.slice(0, FIRST);
    const turn = (key) => () =>
        setOrder(order?.key !== key ? { key, down: false } : order.down ? null : { key, down: true });
    const marks = columns.map((column) => `align-${alignOf(column, rows)}`);
    const row = (cells) => html`<tr>
        ${columns.map(({ key }, n) => html`<td class=${marks[n]}>${cell(cells[key])}</td>`)}
    </tr>`;
    return html`<div class="table">
        ${title && html`<h3>${title}</h3>`}
        <div class="scroll-x" tabindex="0" role="region" aria-label=${title ?? "Table"}>
            <table>
                ${caption && html`<caption>${caption}</caption>`}
                <thead><tr>${columns.map((column, n) =>
                    h(Heading, { column, mark: marks[n], order, turn: turn(column.key) }))}</tr></thead>
                <tbody>${shown.map(row)}</tbody>
            </table>
        </div>
        ${shown.length < rows.length && html`<button type="button" class="quiet" onClick=${() => showAll(true)}>
            Show all ${rows.length} rows</button>`}
    </div>`;
}

const SORTED = { none: "", ascending: "↑", descending: "↓" };

function Heading({ column: { key, label = key }, mark, order, turn }) {
    const sorted = order?.key !== key ? "none" : order.down ? "descending" : "ascending";
    return html`<th scope="col" class=${mark} aria-sort=${sorted}>
        <button type="button" class="quiet" onClick=${turn}>${label}
            <span class="order" aria-hidden="true">${SORTED[sorted]}</span></button>
    </th>`;
}

function alignOf({ key, align }, rows) {
    return align ?? (rows.length > 0 && rows.every((row) => typeof (row[key] ?? 0) === "number") ? "right" : "left");
}

function cell(value) {
    if (value === undefined || value === null) return "";
    if (typeof value === "number") return NUMBER.format(value);
    return typeof value === "boolean" ? (value ? "yes" : "no") : value;
}

function by({ key, down }) {
    const sign = down ? -1 : 1;
    return (one, other) => {
        const [a, b] = [one[key], other[key]];
        if (typeof a === "number" && typeof b === "number") return sign * (a - b);
        return sign * String(a ?? "").localeCompare(String(b ?? ""), undefined, { numeric: true });
    };
}
