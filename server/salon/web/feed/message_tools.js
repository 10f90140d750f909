/** What can be done with a message: copy it, branch the room at it, let its agent answer again. */

import { h, html, useState } from "../vendor/preact.js";
import { hashOf, newRoom } from "../route.js";
import { Icon } from "../elements/icon.js";

/** @param {{live: import("../room/live.js").Live, message: string, text: string, again?: boolean}} props */
export function MessageTools({ live, message, text, again = false }) {
    const [said, say] = useState("");
    const tried = (done, label) => async () => {
        try {
            await done();
            say(label);
        } catch (error) {
            say(error.message);
        }
    };
    const branch = async () => {
        const made = newRoom();
        await live.act({ kind: "branch", from_message: message, new_room: made });
        location.hash = hashOf({ view: "compare", room: live.room, other: made });
    };
    const regenerate = () => live.act({ kind: "regenerate", message });
    return html`<div class="message-tools" role="group" aria-label="This message">
        <span class="said" role="status">${said}</span>
        ${h(Tool, { icon: "copy", label: "Copy", act: tried(() => navigator.clipboard.writeText(text), "Copied") })}
        ${h(Tool, { icon: "branch", label: "Branch from here", act: tried(branch, "") })}
        ${again && h(Tool, { icon: "again", label: "Answer again", act: tried(regenerate, "") })}
    </div>`;
}

function Tool({ icon, label, act }) {
    return html`<button type="button" class="quiet" title=${label} aria-label=${label} onClick=${act}><${Icon}
        name=${icon} /></button>`;
}
