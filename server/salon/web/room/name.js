/** What others call this person: asked for where it matters, and remembered by this browser. */

import { html, useEffect, useState } from "../vendor/preact.js";

const KEPT = "salon.name";
const CHANGED = "salon.name";
const LONGEST = 64; // as the server shows it

/** The name that was given; undefined for a person who wants none. */
export function myName() {
    return localStorage.getItem(KEPT) || undefined;
}

/** The same, drawing the component anew when it is another, also one given in another window. */
export function useMyName() {
    const [name, setName] = useState(myName);
    useEffect(() => {
        const look = () => setName(myName());
        addEventListener(CHANGED, look);
        addEventListener("storage", look);
        return () => {
            removeEventListener(CHANGED, look);
            removeEventListener("storage", look);
        };
    }, []);
    return name;
}

/** Whether this person is nobody the server knows, and may choose a name. @param {string | null} me */
export function isGuest(me) {
    return me?.startsWith("guest-") === true;
}

/** The place to write one's name. @param {{label: string, done?: () => void}} props */
export function NameForm({ label, done }) {
    const [text, setText] = useState(myName() ?? "");
    const save = (event) => {
        event.preventDefault();
        localStorage.setItem(KEPT, text.trim());
        dispatchEvent(new Event(CHANGED));
        done?.();
    };
    return html`<form class="your-name" onSubmit=${save}>
        <input value=${text} maxlength=${LONGEST} placeholder="Your name" aria-label=${label} autocomplete="nickname"
            onInput=${(event) => setText(event.target.value)} />
        <button disabled=${text.trim() === (myName() ?? "")}>Save</button></form>`;
}

/** Asks who is not alone here and has no name, once; the answer may be that they want none. */
export function AskForName({ live, others }) {
    const [asked, ask] = useState(localStorage.getItem(KEPT) !== null);
    if (asked || others < 1 || !isGuest(live.me)) return null;
    const none = () => {
        localStorage.setItem(KEPT, "");
        ask(true);
    };
    return html`<div class="ask-name" role="group" aria-label="Your name">
        <span>You are not alone here. What shall others call you?</span>
        <${NameForm} label="Your name" done=${() => ask(true)} />
        <button type="button" class="quiet" onClick=${none}>Stay a guest</button></div>`;
}
