/** Says what is new to a screen reader: whole messages and questions, not every word as it streams in. */

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { nameOf } from "../elements/people.js";
import { textOf } from "../feed/words.js";

const LONGEST = 400;

/** @param {{live: import("./live.js").Live}} props */
export function Announcer({ live }) {
    const [said, say] = useState("");
    const last = useRef(null);
    useEffect(
        () =>
            live.subscribe(() => {
                const newest = live.entries.at(-1)?.seq ?? 0;
                const from = last.current ?? newest; // what was there before is not news
                if (live.reading) return;
                last.current = newest;
                const news = [];
                for (let n = live.entries.length - 1; n >= 0 && live.entries[n].seq > from; n -= 1) {
                    const words = wordsOf(live.entries[n].body, live.me);
                    if (words) news.unshift(words);
                }
                if (news.length > 0) say(news.join(" "));
            }),
        [live],
    );
    return html`<div class="sr" aria-live="polite" aria-atomic="true">${said}</div>`;
}

function wordsOf(body, me) {
    switch (body.event) {
        case "message.done":
            return body.author.id === me ? "" : `${nameOf(body.author, me)}: ${textOf(body.parts).slice(0, LONGEST)}`;
        case "interrupt.opened":
            return `${body.agent} asks: ${body.message ?? ""}`;
        case "agent.handoff":
            return `${body.source} hands over to ${body.target}.`;
        case "ui.put":
            return `${body.owner} shows a ${body.component}.`;
        default:
            return "";
    }
}
