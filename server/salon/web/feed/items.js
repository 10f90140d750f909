/** What is in a room's feed, drawn: messages of people, turns of agents, hand-offs, and what happened to the room. */

import { Component, h, html } from "../vendor/preact.js";
import { hashOf } from "../route.js";
import { Avatar } from "../elements/avatar.js";
import { MessageTools } from "./message_tools.js";
import { hueOf, nameOf } from "../elements/people.js";
import { Parts } from "./parts.js";
import { Value } from "./steps.js";
import { Time } from "../elements/time.js";
import { Turn } from "./turn.js";
import { textOf } from "./words.js";

/** Some items; drawn anew only when one of them, or whom or what they show, has changed. */
export class Chunk extends Component {
    shouldComponentUpdate(next) {
        const { items, look } = this.props;
        return next.items !== items || next.look !== look;
    }

    render({ items, look }) {
        return html`<div class="chunk">${items.map((item) => item && h(Item, { key: item.key, item, look }))}</div>`;
    }
}

/** One item; `look` is what all items need: `{live, roster, mentions, surfaces, me}`. */
class Item extends Component {
    shouldComponentUpdate(next) {
        return next.item !== this.props.item || next.look !== this.props.look;
    }

    render({ item, look }) {
        switch (item.kind) {
            case "message":
                return h(Message, { item, look });
            case "turn":
                return h(Turn, { item, look });
            case "handoff":
                return h(Handoff, { item, look });
            case "job":
                return h(Job, { item });
            default:
                return h(Note, { item, look });
        }
    }
}

function Message({ item, look }) {
    const { live, roster, me } = look;
    const { author, at, message } = item;
    const name = nameOf(author, me);
    const used =
        item.parts?.length === 1 && item.parts[0].kind === "data" && item.parts[0].name === "ui_action"
            ? item.parts[0].data
            : null;
    if (used !== null) return h(Used, { used, name, item, live });
    const parts = item.parts ?? [{ kind: "text", text: item.text ?? "" }];
    return html`<article class=${`item message ${author.id === me ? "mine" : ""}`} data-seq=${item.seq}
        data-hue=${hueOf(author.id, roster)} aria-label=${`${name} said`}>
        <${Avatar} id=${author.id} name=${author.name} role=${author.role} roster=${roster} />
        <div class="body">
            <header><strong class="who">${name}</strong> <${Time} at=${at} /></header>
            <${Parts} parts=${parts} look=${look} />
        </div>
        <${MessageTools} live=${live} message=${message} text=${textOf(parts)} />
    </article>`;
}

/** A person used a surface: said in a line, with what they entered behind it. */
function Used({ used: { surface, name: action, context = {} }, name, item: { at, seq }, live }) {
    const shown = live.state.surfaces.get(surface);
    const what = shown?.props.title ?? shown?.component ?? "something that was shown";
    const values = Object.keys(context).length > 0;
    const line = html`${name} used “${what}”: <b>${action}</b> <${Time} at=${at} />`;
    return html`<div class="item note used" role="note" data-seq=${seq}>${values ? html`<details><summary>${line}</summary><${Value}
        value=${context} /></details>` : line}</div>`;
}

function Handoff({ item: { source, target, reason }, look: { roster } }) {
    return html`<div class="item handoff" role="note">
        <span class="line" aria-hidden="true"></span>
        <span class="said">
            <${Avatar} id=${source} role="agent" roster=${roster} small />
            <b data-hue=${hueOf(source, roster)}>${source}</b>
            <span aria-hidden="true">→</span><span class="sr"> hands over to </span>
            <${Avatar} id=${target} role="agent" roster=${roster} small />
            <b data-hue=${hueOf(target, roster)}>${target}</b>
            ${reason && html`<span class="reason">${reason}</span>`}
        </span>
        <span class="line" aria-hidden="true"></span>
    </div>`;
}

function Job({ item: { name, status, progress, message } }) {
    const done = progress === undefined ? "" : `, ${Math.round(progress * 100)} %`;
    return html`<p class="item note">Background job ${name}: ${status}${done}${message && ` (${message})`}</p>`;
}

const ABOUT = {
    forked_from: ({ room }) =>
        html`This room began as a copy of <a href=${hashOf({ view: "room", room })}>another room</a>.`,
    cleared: () => "The conversation was cleared; it begins anew here.",
    "room.forked": (
        { room },
        { live },
    ) => html`A branch was made here: <a href=${hashOf({ view: "room", room })}>open it</a> or
        <a href=${hashOf({ view: "compare", room: live.room, other: room })}>compare the two</a>.`,
    "room.summarised": ({ text }) =>
        html`<details><summary>What was said before was summed up for the models</summary><p>${text}</p></details>`,
    "floor.given": ({ agent, by }, { live, me }) =>
        `${nameOf({ id: by, name: live.called(by) }, me)} gave the floor to ${agent}.`,
    "guardrail.blocked": ({ where, reason }) =>
        `A guardrail stopped something in what ${SAID[where] ?? "was said"}: ${reason}`,
    run: ({ outcome, reason }) =>
        outcome === "cancelled"
            ? `Stopped${reason ? `: ${reason}` : ""}.`
            : `${failureOf(reason)} Say it again to try anew.`,
    "room.changed": changed,
    custom: ({ name, value, count = 1 }) => html`<details class="custom">
        <summary>${name}${count > 1 && ` (${count}×)`}</summary><${Value} value=${value} /></details>`,
};
function failureOf(reason) {
    if (reason === "interrupted") return "The server was stopped in the middle of the answer.";
    return `The answer failed${reason ? `: ${reason}` : ""}.`;
}

const SAID = { input: "a person said", tool: "a tool gave", output: "an agent said" };

function changed({ title, archived }) {
    if (title !== undefined) return `The room is called “${title}” now.`;
    return archived ? "The room was put into the archive." : "The room is out of the archive.";
}

function Note({ item, look }) {
    const bad = (item.about === "run" && item.outcome === "error") || item.about === "guardrail.blocked";
    return html`<div class=${`item note${bad ? " bad" : ""}`} role="note">${ABOUT[item.about]?.(item, look)}</div>`;
}
