/** What cannot be drawn, in a form that can be read: names and values. */

import { html } from "../vendor/preact.js";

/** @param {{surface: object}} props */
export function Fallback({ surface }) {
    const { component, props, messages, owner } = surface;
    return html`<div class="fallback">
        <p class="soft">${
            component === undefined
                ? `${owner} shows an A2UI surface, which this page can only show as data.`
                : `This page has no picture for “${component}”; these are its contents.`
        }</p>
        <${Values} value=${props ?? messages} depth=${0} />
    </div>`;
}

function Values({ value, depth }) {
    if (value === null || typeof value !== "object") return html`<span>${String(value)}</span>`;
    if (depth > 6) return html`<code>${JSON.stringify(value)}</code>`;
    if (Array.isArray(value)) {
        return html`<ul>${value.map((each) => html`<li><${Values} value=${each} depth=${depth + 1} /></li>`)}</ul>`;
    }
    return html`<dl>${Object.entries(value).map(([name, each]) => html`<dt>${name}</dt><dd><${Values} value=${each}
        depth=${depth + 1} /></dd>`)}</dl>`;
}
