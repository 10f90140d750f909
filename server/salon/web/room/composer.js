/** The place to write: to whoever fits, to agents that are mentioned or chosen, or to the people only. */

import { h, html, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { Avatar } from "../elements/avatar.js";
import { Icon } from "../elements/icon.js";
import { completed, fitting, mentionAt } from "./mention.js";

const ANYBODY = "";
const NOBODY = "people only";
const LONGEST = 30_000;

/** @param {{live: import("./live.js").Live}} props */
export function Composer({ live }) {
    const { roster } = live.state;
    const box = useRef(null);
    const [text, setText] = useState("");
    const [to, setTo] = useState(ANYBODY);
    const [problem, setProblem] = useState("");
    const mentions = useMentions(roster, text, setText, box);
    useLayoutEffect(() => {
        // as high as the text, within bounds that the style sets
        box.current.style.height = "auto";
        box.current.style.height = `${box.current.scrollHeight}px`;
    }, [text]);
    const send = async () => {
        const words = text.trim();
        if (words === "") return;
        setText("");
        setProblem("");
        try {
            await live.say(words, to === ANYBODY ? undefined : to === NOBODY ? [] : [to]);
        } catch (error) {
            setProblem(error.message);
            setText((since) => since || words);
        }
    };
    const keys = (event) => {
        if (mentions.keys(event)) return;
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            void send();
        }
    };
    const typed = (event) => {
        setText(event.target.value);
        mentions.look(event.target);
        live.type(event.target.value !== "");
    };
    return html`<form class="composer" onSubmit=${(event) => {
        event.preventDefault();
        void send();
    }}>
        ${problem && html`<p class="failed" role="alert">${problem}</p>`}
        ${mentions.open && h(Names, { ...mentions, roster })}
        <div class="frame">
            <textarea id="composer" ref=${box} rows="1" maxlength=${LONGEST} value=${text} placeholder="Say something …"
                aria-label="Your message" aria-describedby="composer-help" aria-autocomplete="list"
                aria-controls=${mentions.open ? "names" : undefined}
                aria-activedescendant=${mentions.open ? `name-${mentions.names[mentions.at].id}` : undefined}
                onInput=${typed} onKeyDown=${keys} onBlur=${mentions.close}
                onClick=${(event) => mentions.look(event.target)}></textarea>
            <div class="row">
                <label class="to"><span>To</span>
                    <select value=${to} onChange=${(event) => setTo(event.target.value)}>
                        <option value=${ANYBODY}>whoever fits</option>
                        ${roster.map(({ id }) => html`<option value=${id}>${id}</option>`)}
                        <option value=${NOBODY}>${NOBODY}</option>
                    </select></label>
                <span class="help" id="composer-help"><kbd>Enter</kbd> sends,${" "}
                    <kbd>Shift</kbd> <kbd>Enter</kbd> begins a line, <kbd>@</kbd> names an agent</span>
                ${live.busy && h(Stop, { live, setProblem })}
                <button class="send primary" aria-label="Send" title="Send" disabled=${text.trim() === ""}><${Icon}
                    name="send" /></button>
            </div>
        </div>
    </form>`;
}

function Stop({ live, setProblem }) {
    const stop = () => live.act({ kind: "cancel" }).catch((error) => setProblem(error.message));
    return html`<button type="button" class="stop" onClick=${stop}><${Icon} name="stop" /> Stop</button>`;
}

function Names({ names, at, choose, roster }) {
    return html`<ul class="names" id="names" role="listbox" aria-label="Agents">
        ${names.map(
            (agent, n) => html`<li key=${agent.id} id=${`name-${agent.id}`} role="option" aria-selected=${n === at}
            onMouseDown=${(event) => {
                event.preventDefault();
                choose(agent.id);
            }}>
            <${Avatar} id=${agent.id} role="agent" roster=${roster} small /> <b>${agent.id}</b> <span
                class="soft">${agent.description}</span></li>`,
        )}
    </ul>`;
}

/** The list of agents that opens while `@` and a part of a name is written. */
function useMentions(roster, text, setText, box) {
    const [mention, setMention] = useState(null);
    const [at, setAt] = useState(0);
    const names = mention === null ? [] : fitting(roster, mention.part);
    const open = names.length > 0;
    const close = () => setMention(null);
    const look = (area) => {
        setMention(mentionAt(area.value, area.selectionStart));
        setAt(0);
    };
    const choose = (id) => {
        const { text: put, caret } = completed(text, mention, id);
        box.current.value = put; // at once, and not with the state: the next key may come before that is drawn
        box.current.setSelectionRange(caret, caret);
        setText(put);
        close();
    };
    const keys = (event) => {
        if (!open) return false;
        const moves = { ArrowDown: 1, ArrowUp: names.length - 1 };
        if (event.key in moves) setAt((at + moves[event.key]) % names.length);
        else if (event.key === "Enter" || event.key === "Tab") choose(names[at].id);
        else if (event.key === "Escape") close();
        else return false;
        event.preventDefault();
        return true;
    };
    return { names, at, open, look, keys, choose, close };
}
