/** A room in the list, and what can be done with it from there: another title, the archive, away with it. */

import { html, useState } from "../vendor/preact.js";
import { Icon } from "../elements/icon.js";
import { Time } from "../elements/time.js";
import { hashOf } from "../route.js";

/** @param {{thread: object, live: import("../room/live.js").Live, current: boolean, refresh: () => void}} props */
export function Row({ thread, live, current, refresh }) {
    const { room, snippet, seq, updated_at: at, archived, forked_from: origin } = thread;
    const title = thread.title ?? (origin ? "Untitled branch" : "Untitled room");
    const compared = origin && hashOf({ view: "compare", room: origin, other: room });
    const [open, setOpen] = useState(false);
    const [problem, setProblem] = useState("");
    const act = async (action) => {
        try {
            await live.act({ ...action, room });
            setOpen(false);
            refresh();
        } catch (error) {
            setProblem(error.message);
        }
    };
    return html`<li class=${`thread${open ? " open" : ""}`}>
        <a href=${hashOf({ view: "room", room, at: seq })} aria-current=${current ? "page" : undefined}>
            <span class="title">${title}</span>
            <span class="snippet">${snippet && archived && "Archived · "}${!snippet && origin && "Branch · "}
                ${snippet ?? html`<${Time} at=${at} />`}</span>
        </a>
        <button type="button" class="quiet more" aria-label=${`What to do with “${title}”`} aria-expanded=${open}
            onClick=${() => setOpen(!open)}><${Icon} name="more" /></button>
        ${
            open &&
            html`<div class="doing" role="group" aria-label=${`“${title}”`}>
            <${Rename} title=${thread.title ?? ""} act=${act} />
            <div class="buttons">
                <button type="button" onClick=${() => act({ kind: "archive", archived: !archived })}>
                    ${archived ? "Take out of the archive" : "Archive"}
                </button>
                ${origin && html`<a class="button" href=${compared}>Compare</a>`}
                <${Delete} act=${act} />
            </div>
            ${problem && html`<p class="failed" role="alert">${problem}</p>`}
        </div>`
        }
    </li>`;
}

function Rename({ title, act }) {
    const [text, setText] = useState(title);
    const rename = (event) => {
        event.preventDefault();
        void act({ kind: "rename", title: text.trim() });
    };
    return html`<form onSubmit=${rename}>
        <input value=${text} maxlength="120" aria-label="Title" onInput=${(event) => setText(event.target.value)} />
        <button disabled=${text.trim() === "" || text.trim() === title}>Rename</button></form>`;
}

function Delete({ act }) {
    const [sure, ask] = useState(false);
    const press = () => (sure ? act({ kind: "delete" }) : ask(true));
    return html`<button type="button" class="danger" onBlur=${() => ask(false)} onClick=${press}>
        ${sure ? "Really delete?" : "Delete"}
    </button>`;
}
