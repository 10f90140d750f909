/** A longer text: read as Markdown, and edited where its agent allows that. */

import { html, useState } from "../vendor/preact.js";
import { Markdown } from "../elements/markdown.js";

export function Document({ title, text, editable = false, status, act }) {
    const [draft, setDraft] = useState(null);
    const [problem, setProblem] = useState("");
    const save = async (event) => {
        event.preventDefault();
        try {
            await act("edit", { text: draft });
            setDraft(null);
            setProblem("");
        } catch (error) {
            setProblem(
                error.code === "stale_state"
                    ? "Somebody changed the text meanwhile. Copy yours, and look at theirs first."
                    : error.message,
            );
        }
    };
    return html`<div class="card document">
        <header class="row"><h3>${title}</h3>
            <span>${status && html`<span class="tag">${status}</span>`}
            ${editable && draft === null && html`<button type="button" class="quiet"
                onClick=${() => setDraft(text)}>Edit</button>`}</span></header>
        ${
            draft === null
                ? html`<${Markdown} text=${text} />`
                : html`<form onSubmit=${save}>
            <textarea aria-label=${`Text of ${title}`} value=${draft} rows="14" maxlength="30000"
                onInput=${(event) => setDraft(event.target.value)}></textarea>
            <div class="buttons"><button class="primary">Save</button><button type="button"
                onClick=${() => setDraft(null)}>Leave as it was</button></div>
        </form>`
        }
        ${problem && html`<p class="failed" role="alert">${problem}</p>`}
    </div>`;
}
