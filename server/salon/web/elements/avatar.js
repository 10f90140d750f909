/** The small picture of an agent (a square) or a person (a circle). It says nothing that is not written beside it. */

import { html } from "../vendor/preact.js";
import { hueOf, initialsOf, nameOf } from "./people.js";

/** @param {{id: string, name?: string, role: string, roster: {id: string}[], busy?: boolean, small?: boolean}} props */
export function Avatar({ id, name, role, roster, busy = false, small = false }) {
    const shape = `avatar ${role === "agent" ? "agent" : "person"}${busy ? " busy" : ""}${small ? " small" : ""}`;
    return html`<span class=${shape} data-hue=${hueOf(id, roster)}
        aria-hidden="true">${initialsOf(nameOf({ id, name }, null))}</span>`;
}
