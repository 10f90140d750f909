/** A turn of an agent: who speaks and why, what it thought and which tools it used, what it shows and says. */

import { h, html } from "../vendor/preact.js";
import { Surface } from "../surfaces/surface.js";
import { Avatar } from "../elements/avatar.js";
import { useLive } from "../room/context.js";
import { Markdown } from "../elements/markdown.js";
import { MessageTools } from "./message_tools.js";
import { hueOf, whyOf } from "../elements/people.js";
import { Parts } from "./parts.js";
import { Question } from "./question.js";
import { Steps } from "./steps.js";
import { Time } from "../elements/time.js";
import { surfacesIn, textOf } from "./words.js";

/** @param {{item: object, look: object}} props */
export function Turn({ item, look }) {
    const { agent = "an agent", at, chosen, source, open, outcome, reason } = item;
    const { roster } = look;
    const placed = new Set(item.blocks.flatMap(({ parts }) => surfacesIn(parts)));
    const groups = grouped(item.blocks.filter(({ kind, id }) => kind !== "surface" || !placed.has(id)));
    // Hand-offs and failures that leave nothing behind are told elsewhere in the feed.
    if (!open && groups.length === 0) return null;
    return html`<article class="item turn" data-hue=${hueOf(agent, roster)} aria-label=${`${agent}’s turn`}
        aria-busy=${open}>
        <${Avatar} id=${agent} role="agent" roster=${roster} busy=${open} />
        <div class="body">
            <header>
                <strong class="who">${agent}</strong>
                ${chosen && html`<span class="why" title=${tooltip(chosen)}>${whyOf(chosen)}</span>`}
                ${source === "mock" && html`<span class="tag"
                    title="This answer comes from the offline mock model">mock</span>`}
                <${Time} at=${at} />
            </header>
            ${groups.map((group) => draw(group, look, item))}
            ${open && !speaks(item) && h(Working, { agent })}
            ${!open && outcome === "error" && html`<p class="failed">${failureOf(reason)}</p>`}
        </div>
    </article>`;
}

function draw(group, look, turn) {
    const [{ kind, id }] = group;
    switch (kind) {
        case "message":
            return h(Speech, { key: id, block: group[0], look, last: !turn.open });
        case "surface":
            return h(Surface, { key: id, id, look });
        case "question":
            return h(Question, { key: id, question: group[0], look });
        default:
            return h(Steps, { key: `steps ${id}`, steps: group });
    }
}

function Speech({ block, look, last }) {
    const { text, parts, streaming, id, seq } = block;
    const { live, mentions } = look;
    const whole = !streaming && parts !== undefined;
    const words = whole ? textOf(parts) : (text ?? "");
    if (!words && !streaming && surfacesIn(parts).length === 0) return null;
    return html`<div class=${`speech${streaming ? " streaming" : ""}`} data-seq=${seq}>
        ${whole ? h(Parts, { parts, look }) : h(Markdown, { text: words, mentions })}
        ${!streaming && h(MessageTools, { live, message: id, text: words, again: last })}
    </div>`;
}

const DOING = { thinking: "is thinking", speaking: "is speaking", waiting: "waits for an answer", stopped: "stops" };

function Working({ agent }) {
    const status = useLive().state.agents.get(agent)?.status;
    return html`<p class="working"><span class="dots"
        aria-hidden="true"><i></i><i></i><i></i></span> ${DOING[status] ?? "is at work"}</p>`;
}

/** Whether something moves in the turn already, so that no sign of life is needed. */
function speaks({ blocks }) {
    const last = blocks.at(-1);
    return last?.streaming === true || (last?.kind === "question" && last.answer === undefined);
}

/** Thoughts and calls that follow each other are one group; everything else stands alone. */
function grouped(blocks) {
    const groups = [];
    for (const block of blocks) {
        const folded = block.kind === "call" || block.kind === "thinking";
        if (folded && groups.at(-1)?.[0].folded) groups.at(-1).push(block);
        else groups.push([folded ? { ...block, folded } : block]);
    }
    return groups;
}

function failureOf(reason = "This turn failed.") {
    return reason === "interrupted" ? "Cut off here." : reason;
}

function tooltip({ reason, candidates }) {
    const others = candidates?.length ? `Could have spoken: ${candidates.join(", ")}.` : "";
    return [reason, others].filter(Boolean).join(" ");
}
