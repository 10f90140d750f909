/** A plan whose steps can be ticked, reworded, moved, added and taken out, where its agent allows that. */

import { html, useState } from "../vendor/preact.js";
import { Icon } from "../elements/icon.js";

const MARKS = { pending: "", active: "…", done: "✓", skipped: "–" };

export function Plan({ title, steps, editable = false, act }) {
    const [problem, setProblem] = useState("");
    const [waiting, setWaiting] = useState(false);
    const done = steps.filter(({ status }) => status === "done").length;
    const change = async (after) => {
        setWaiting(true);
        setProblem("");
        try {
            await act("edit", { steps: after });
        } catch (error) {
            setProblem(
                error.code === "stale_state" ? "Somebody changed the plan just now; look at it again." : error.message,
            );
        }
        setWaiting(false);
    };
    const edits = { steps, change, waiting };
    return html`<div class="card plan">
        <header class="row"><h3>${title}</h3><span class="soft">${done} of ${steps.length} done</span></header>
        <progress max=${Math.max(1, steps.length)} value=${done}
            aria-label=${`${title}: ${done} of ${steps.length} done`}></progress>
        <ol>${steps.map((step, n) => html`<${Step} key=${step.id} step=${step} place=${n} editable=${editable}
            ...${edits} />`)}</ol>
        ${editable && html`<${Another} ...${edits} />`}
        ${problem && html`<p class="failed" role="alert">${problem}</p>`}
    </div>`;
}

function Step({ step, place, steps, change, editable, waiting }) {
    const [rewording, reword] = useState(false);
    const { text, status, agent } = step;
    const here = (changed) => steps.with(place, { ...step, ...changed });
    if (!editable) {
        return html`<li class=${status}><span class="tick" role="img"
            aria-label=${status}>${MARKS[status]}</span> <span>${text}</span>${agent && html` <span
                class="tag">${agent}</span>`}</li>`;
    }
    const keep = (event) => {
        const words = event.target.value.trim();
        reword(false);
        if (words && words !== text) void change(here({ text: words }));
    };
    const keys = (event) => {
        if (event.key === "Enter") event.target.blur();
        if (event.key === "Escape") {
            event.target.value = text;
            event.target.blur();
        }
    };
    const move = (by) => () => change(moved(steps, place, by));
    return html`<li class=${status}>
        <input type="checkbox" aria-label=${text} checked=${status === "done"} disabled=${waiting}
            onChange=${() => change(here({ status: status === "done" ? "pending" : "done" }))} />
        ${
            rewording
                ? html`<input class="reword" aria-label="Step" defaultValue=${text} maxlength="4096" ref=${focus}
                    onBlur=${keep} onKeyDown=${keys} />`
                : html`<button type="button" class="quiet text" title="Reword" disabled=${waiting}
                    onClick=${() => reword(true)}>${text}</button>`
        }
        ${agent && html`<span class="tag">${agent}</span>`}
        <span class="tools">
            <button type="button" class="quiet" aria-label=${`Move up: ${text}`} disabled=${waiting || place === 0}
                onClick=${move(-1)}>↑</button>
            <button type="button" class="quiet" aria-label=${`Move down: ${text}`}
                disabled=${waiting || place === steps.length - 1} onClick=${move(1)}>↓</button>
            <button type="button" class="quiet" aria-label=${`Take out: ${text}`}
                disabled=${waiting || steps.length === 1} onClick=${() => change(steps.toSpliced(place, 1))}><${Icon}
                    name="close" /></button>
        </span>
    </li>`;
}

function Another({ steps, change, waiting }) {
    const add = (event) => {
        event.preventDefault();
        const text = event.target.elements.step.value.trim();
        if (!text) return;
        event.target.reset();
        void change([...steps, { id: freshId(steps), text, status: "pending" }]);
    };
    return html`<form class="another" onSubmit=${add}><input name="step" aria-label="Another step"
        placeholder="Another step" maxlength="4096" disabled=${waiting} />
        <button disabled=${waiting}>Add</button></form>`;
}

function focus(input) {
    input?.focus();
}

function moved(steps, place, by) {
    return steps.toSpliced(place, 1).toSpliced(place + by, 0, steps[place]);
}

function freshId(steps) {
    const taken = new Set(steps.map(({ id }) => id));
    let number = steps.length + 1;
    while (taken.has(`s${number}`)) number += 1;
    return `s${number}`;
}
