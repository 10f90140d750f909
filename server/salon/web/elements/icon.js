/** The page's icons: lines on a 20 × 20 grid, in the colour of the text. */

import { html } from "../vendor/preact.js";

const PATHS = {
    again: "M4 10a6 6 0 1 0 2-4.5M4 3v3.5h3.5",
    branch:
        "M6 5.5v9M6 9c0 3 8 1 8-3.5M6 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3" +
        "M14 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3M6 17.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3",
    close: "M5 5l10 10M15 5L5 15",
    copy: "M7 7h9v9H7zM4 13V4h9",
    down: "M10 4v12M5 11l5 5 5-5",
    link: "M8.5 11.5a3 3 0 0 0 4.2 0l3-3a3 3 0 0 0-4.2-4.2l-1 1M11.5 8.5a3 3 0 0 0-4.2 0l-3 3a3 3 0 0 0 4.2 4.2l1-1",
    menu: "M3 5.5h14M3 10h14M3 14.5h14",
    moon: "M16 12A7 7 0 0 1 8 4a6.5 6.5 0 1 0 8 8z",
    more: "M5 10h.01M10 10h.01M15 10h.01",
    send: "M10 16V4M4.5 9.5L10 4l5.5 5.5",
    stop: "M6 6h8v8H6z",
    sun:
        "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18" +
        "M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M15.7 4.3l-1.1 1.1M5.4 14.6l-1.1 1.1",
    timeline: "M4 4v12M4 6h7M4 10h11M4 14h5",
    tool: "M12.5 3.5a4 4 0 0 0-4 5.2L3.5 13.7a1.8 1.8 0 0 0 2.6 2.6l5-5a4 4 0 0 0 5.2-5l-2.6 2.5-2.3-.6-.6-2.3z",
};

/** @param {{name: keyof PATHS}} props */
export function Icon({ name }) {
    return html`<svg class="icon" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" fill="none"
        stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"><path
            d=${PATHS[name]} /></svg>`;
}
