/** A room in which nothing was said yet: what it is, who is there, and something to begin with. */

import { html, useState } from "../vendor/preact.js";
import { Avatar } from "../elements/avatar.js";
import { suggestionsFor } from "./suggestions.js";

/** @param {{live: import("./live.js").Live}} props */
export function Welcome({ live }) {
    const { roster } = live.state;
    const [problem, setProblem] = useState("");
    const say = (text) => () => live.say(text).catch((error) => setProblem(error.message));
    const first = roster.length > 1 ? "The host answers or hands over to whoever knows best" : "The agent answers";
    return html`<section class="welcome">
        <div>
            <h2>People and AI agents, in one room</h2>
            <p class="lead">
                Say what you need. ${first}; you see who speaks, why, and what they do.
                ${" "}Send the link to somebody, and you are two.
            </p>
            ${
                roster.length > 0 &&
                html`<ul class="cast" aria-label="Agents here">${roster.map(
                    ({ id, description, host }) => html`<li key=${id}>
                <${Avatar} id=${id} role="agent" roster=${roster} />
                <div><b>${id}</b>${host && html` <span class="tag">host</span>`}<p
                    class="soft">${description}</p></div></li>`,
                )}</ul>`
            }
            <h3>Begin with one of these</h3>
            <ul class="suggestions">${suggestionsFor(roster).map((text) => html`<li key=${text}><button type="button"
                onClick=${say(text)}>${text}</button></li>`)}</ul>
            ${problem && html`<p class="failed" role="alert">${problem}</p>`}
        </div>
    </section>`;
}
