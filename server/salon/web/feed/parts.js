/** What a message says, part by part: words as Markdown, and each surface at its place among them. */

import { h, html } from "../vendor/preact.js";
import { Markdown } from "../elements/markdown.js";
import { Surface } from "../surfaces/surface.js";
import { stretchesOf, textOf } from "./words.js";

/** @param {{parts: object[], look: object}} props */
export function Parts({ parts, look }) {
    return html`${stretchesOf(parts).map((stretch) =>
        stretch.kind === "ui"
            ? h(Surface, { key: stretch.surface, id: stretch.surface, look })
            : h(Markdown, { text: textOf(stretch.parts), mentions: look.mentions }),
    )}`;
}
