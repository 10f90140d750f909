/** The place to say something to both branches at once, or to one of them. */

import { h, html, useState } from "../vendor/preact.js";
import { Icon } from "../elements/icon.js";

const BOTH = "both";
const LONGEST = 30_000;

/** @param {{sides: {live: import("../room/live.js").Live, name: string}[]}} props */
export function Ask({ sides }) {
    const [text, setText] = useState("");
    const [to, setTo] = useState(BOTH);
    const [problem, setProblem] = useState("");
    const asked = sides.filter(({ live }) => to === BOTH || to === live.room);
    const send = async () => {
        const words = text.trim();
        if (words === "") return;
        setText("");
        setProblem("");
        const answers = await Promise.allSettled(asked.map(({ live }) => live.say(words)));
        const refused = answers.find(({ status }) => status === "rejected");
        if (refused) setProblem(refused.reason.message);
    };
    const stop = () => {
        for (const { live } of sides) {
            if (live.busy) live.act({ kind: "cancel" }).catch((error) => setProblem(error.message));
        }
    };
    const keys = (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        void send();
    };
    return html`<form class="composer" onSubmit=${(event) => {
        event.preventDefault();
        void send();
    }}>
        ${problem && html`<p class="failed" role="alert">${problem}</p>`}
        <div class="frame">
            <textarea id="composer" rows="1" maxlength=${LONGEST} value=${text} aria-label="Your message"
                placeholder=${to === BOTH ? "Ask both the same …" : "Say something …"}
                onInput=${(event) => setText(event.target.value)} onKeyDown=${keys}></textarea>
            <div class="row">
                <label class="to"><span>To</span>
                    <select value=${to} onChange=${(event) => setTo(event.target.value)}>
                        <option value=${BOTH}>both branches</option>
                        ${sides.map(
                            ({ live, name }) => html`<option value=${live.room}>${name.toLowerCase()}</option>`,
                        )}
                    </select></label>
                <span class="space"></span>
                ${sides.some(({ live }) => live.busy) && h(Stop, { stop })}
                <button class="send primary" aria-label="Send" title="Send" disabled=${text.trim() === ""}>
                    <${Icon} name="send" />
                </button>
            </div>
        </div>
    </form>`;
}

function Stop({ stop }) {
    return html`<button type="button" class="stop" onClick=${stop}><${Icon} name="stop" /> Stop</button>`;
}
