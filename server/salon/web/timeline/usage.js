/** What each agent and model of a room used, as a table. */

import { html } from "../vendor/preact.js";
import { hueOf } from "../elements/people.js";
import { lasted } from "./entries.js";

const NUMBER = new Intl.NumberFormat();
const counted = (count) => NUMBER.format(count);

/** The columns of numbers: what they are called, what they show, and how. */
const COLUMNS = [
    ["turns", "turns", counted],
    ["calls", "calls", counted],
    ["tokens in", "read", counted],
    ["out", "written", counted],
    ["credits", "credits", counted],
    ["time", "seconds", lasted],
];

/** @param {{rows: object[], roster: {id: string}[]}} props `rows` as `usageOf` gives them */
export function Usage({ rows, roster }) {
    if (rows.length === 0) return html`<p class="soft">No model was asked yet.</p>`;
    const all = (name) => rows.reduce((sum, row) => sum + row[name], 0);
    const columns = COLUMNS.filter(([, name]) => name !== "credits" || all("credits") > 0);
    const head = (text) => html`<th scope="col" key=${text}>${text}</th>`;
    const line = (row) => html`<tr key=${`${row.agent} ${row.model}`}>
        <th scope="row" data-hue=${hueOf(row.agent, roster)}>${row.agent}</th><td class="model">${row.model}</td>
        ${columns.map(([, name, show]) => html`<td key=${name}>${show(row[name])}</td>`)}</tr>`;
    return html`<div class="scroll-x" tabindex="0" role="region" aria-label="What was used"><table class="usage">
        <thead><tr>${["agent", "model", ...columns.map(([text]) => text)].map(head)}</tr></thead>
        <tbody>${rows.map(line)}</tbody>
        <tfoot><tr><th scope="row" colspan="2">all</th>
            ${columns.map(([, name, show]) => html`<td key=${name}>${show(all(name))}</td>`)}</tr></tfoot>
    </table></div>`;
}
