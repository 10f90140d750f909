/** A form of an agent's: checked here before it is sent, and by the server again. */

import { html, useState } from "../../vendor/preact.js";
import { Fields, valuesOf } from "./fields.js";

export function Form({ title, text, fields, action = "submit", submit = "Send", disabled = false, act }) {
    const [problems, setProblems] = useState([]);
    const [state, setState] = useState("");
    const send = async (event) => {
        event.preventDefault();
        const form = event.target;
        const read = valuesOf(fields, form);
        setProblems(read.problems);
        if (read.problems.length > 0) {
            form.elements.namedItem(read.problems[0].name)?.focus?.();
            return;
        }
        setState("sending");
        try {
            await act(action, read.values);
            setState("sent");
        } catch (error) {
            setState(error.message);
        }
    };
    const closed = disabled || state === "sending" || state === "sent";
    return html`<form class="card form" onSubmit=${send} novalidate>
        ${title && html`<h3>${title}</h3>`}
        ${text && html`<p>${text}</p>`}
        <${Fields} fields=${fields} problems=${problems} disabled=${closed} />
        <div class="buttons"><button class="primary" disabled=${closed}>${submit}</button>
            <span role="status" class=${state === "" || state in SAID ? "soft" : "failed"}>${SAID[state] ?? state}
            ${disabled && !state && "This form is closed."}</span></div>
    </form>`;
}

const SAID = { sending: "Sending …", sent: "Sent." };
