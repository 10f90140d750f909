/** Thoughts and tool calls, folded away behind one line that says what was done. */

import { html } from "../vendor/preact.js";
import { Icon } from "../elements/icon.js";

/** @param {{steps: object[]}} props */
export function Steps({ steps }) {
    const calls = steps.filter(({ kind }) => kind === "call");
    const running = calls.find(({ open }) => open);
    const failed = calls.some(({ ok }) => ok === false);
    return html`<details class=${`steps${running ? " running" : ""}${failed ? " failed" : ""}`}>
        <summary><${Icon} name="tool" /> <span>${summary(steps, calls, running)}</span></summary>
        ${steps.map((step) => (step.kind === "call" ? html`<${Call} key=${step.id} call=${step} />` : html`<p
            class="thought" key=${step.id}>${step.text}</p>`))}
    </details>`;
}

function summary(steps, calls, running) {
    if (running)
        return html`Using <b>${readable(running.name)}</b>${running.where === "client" ? " in a browser" : ""} …`;
    const names = [...new Set(calls.map(({ name }) => readable(name)))];
    const thought = steps.length > calls.length;
    if (names.length === 0) return "Thought about it";
    const failed = calls.some(({ ok }) => ok === false) ? ", not all went well" : "";
    const listed = names.map((name, n) => html`${n > 0 && ", "}<b>${name}</b>`);
    return html`${thought ? "Thought, then used " : "Used "}${listed}${failed}`;
}

function Call({ call: { name, args, text, ok, output, open, where } }) {
    return html`<div class="call">
        <p><code>${name}</code>${where === "client" && html` <span class="tag">in a browser</span>`}
            ${!open && html`<span class=${`tag ${ok ? "good" : "bad"}`}>${ok ? "done" : "failed"}</span>`}</p>
        <dl>
            <dt>asked with</dt><dd><${Value} value=${args ?? text} /></dd>
            ${!open && html`<dt>answered</dt><dd><${Value} value=${output} /></dd>`}
        </dl>
    </div>`;
}

/** Any JSON, as text. */
export function Value({ value }) {
    if (value === undefined) return html`<span class="soft">nothing yet</span>`;
    const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
    return html`<pre tabindex="0">${text}</pre>`;
}

function readable(name = "a tool") {
    return name.replaceAll(/[_-]+/g, " ");
}
