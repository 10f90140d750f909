/** What a person is asked to allow, with the facts. The answer resolves the question that it belongs to. */

import { html, useState } from "../vendor/preact.js";
import { Markdown } from "../elements/markdown.js";

const OUTCOME = { approved: "✓ Approved", rejected: "✕ Declined", expired: "Nobody answered in time" };

export function Approval({
    title,
    interrupt,
    text,
    facts = [],
    approve = "Approve",
    reject = "Decline",
    status,
    look: { live },
}) {
    const [problem, setProblem] = useState("");
    const open = status === "pending" && interrupt !== undefined && live.state.interrupts.has(interrupt);
    const answer = (value) => async () => {
        try {
            await live.act({ kind: "resolve", interrupt, status: "resolved", value });
        } catch (error) {
            if (error.code !== "already_resolved") setProblem(error.message);
        }
    };
    return html`<div class=${`card approval ${status}`}>
        <h3>${title}</h3>
        ${text && html`<${Markdown} text=${text} />`}
        ${facts.length > 0 && html`<dl>
            ${facts.map(({ label, value }) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`}
        ${
            open &&
            html`<div class="buttons"><button type="button" class="primary" onClick=${answer(true)}>${approve}</button>
            <button type="button" onClick=${answer(false)}>${reject}</button></div>`
        }
        ${!open && html`<p class="outcome">${OUTCOME[status] ?? "Waiting"}</p>`}
        ${problem && html`<p class="failed" role="alert">${problem}</p>`}
    </div>`;
}
