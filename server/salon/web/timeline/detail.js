/** One entry as it is, what led to it, and what may be done from there; and the raw frames of the connection. */

import { h, html, useState } from "../vendor/preact.js";
import { nameOf } from "../elements/people.js";
import { hashOf, newRoom } from "../route.js";
import { clock, lasted } from "./entries.js";
import { readFrame } from "./frames.js";

const SHOWN = 100;

/** @param {{row: object, rows: object[], live: import("../room/live.js").Live, choose: (seq: number) => void}} props */
export function Detail({ row, rows, live, choose }) {
    const [problem, setProblem] = useState("");
    if (row === undefined) return html`<p class="soft">The log is empty.</p>`;
    const {
        entry: { seq, at, cause, body },
        who,
        cost,
    } = row;
    const together = cause === undefined ? [] : rows.filter(({ entry }) => entry.cause === cause);
    const fork = async () => {
        const made = newRoom();
        try {
            await live.act({ kind: "fork", at: seq, new_room: made });
            location.hash = hashOf({ view: "compare", room: live.room, other: made });
        } catch (error) {
            setProblem(error.message);
        }
    };
    return html`<div class="detail">
        <h3>${seq} · ${body.event}</h3>
        <dl>
            <dt>time</dt><dd>${new Date(at * 1000).toISOString()}</dd>
            ${who && html`<dt>who</dt><dd>${nameOf({ id: who, name: body.author?.name }, live.me)}</dd>`}
            ${cost && html`<dt>cost</dt><dd>${cost}</dd>`}
            <dt>cause</dt>
            ${cause === undefined && html`<dd class="soft">no action: the server’s own doing</dd>`}
            ${cause !== undefined && html`<dd><code>${cause}</code> ${h(Chain, { together, choose })}</dd>`}
        </dl>
        <div class="buttons"><button type="button" onClick=${fork}>Fork the room here</button></div>
        ${problem && html`<p class="failed" role="alert">${problem}</p>`}
        <pre tabindex="0" aria-label="The entry as JSON">${JSON.stringify(row.entry, null, 2)}</pre>
    </div>`;
}

/** All that one action led to. */
function Chain({ together, choose }) {
    const [first, last] = [together[0].entry, together.at(-1).entry];
    if (first === last) return "led to this entry only";
    return html`led to ${together.length} entries in ${lasted(last.at - first.at) || "no time"}:
        ${h(Place, { entry: first, choose })} … ${h(Place, { entry: last, choose })}`;
}

function Place({ entry: { seq, body }, choose }) {
    return html`<button type="button" class="quiet" onClick=${() => choose(seq)}>${seq} ${body.event}</button>`;
}

/** @param {{frames: import("./frames.js").Frames}} props */
export function FrameList({ frames }) {
    const shown = frames.kept.slice(-SHOWN).reverse();
    return html`<div class="frames">
        <p class="soft">What went over this page’s own connection, newest first. Tokens are left out.</p>
        ${shown.map((frame) => h(Frame, { key: frame.n, frame }))}
    </div>`;
}

function Frame({ frame }) {
    const [open, setOpen] = useState(false);
    const { name, text } = readFrame(frame);
    const arrived = frame.way === "in";
    return html`<details onToggle=${(event) => setOpen(event.target.open)}>
        <summary>
            <span class=${`way ${frame.way}`} role="img" aria-label=${arrived ? "received" : "sent"}>
                ${arrived ? "←" : "→"}</span>
            <span class="name">${name}</span> <span class="soft">${clock(frame.at)} · ${frame.length} B</span>
        </summary>
        ${open && html`<pre tabindex="0">${text}</pre>`}
    </details>`;
}
