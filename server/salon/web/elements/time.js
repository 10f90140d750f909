/** When something was, in the reader's own time. */

import { html } from "../vendor/preact.js";

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

/** @param {{at: number}} props seconds since 1970; 0 is not known */
export function Time({ at }) {
    if (!at) return null;
    const date = new Date(at * 1000);
    const today = date.toDateString() === new Date().toDateString();
    return html`<time datetime=${date.toISOString()}
        title=${WHOLE.format(date)}>${(today ? CLOCK : DAY).format(date)}</time>`;
}
