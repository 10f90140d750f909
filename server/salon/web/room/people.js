/** Who is in a room, agents and people, and what one may ask of an agent: to be mentioned, to speak next. */

import { h, html, useEffect, useRef, useState } from "../vendor/preact.js";
import { Avatar } from "../elements/avatar.js";
import { nameOf, peopleOf } from "../elements/people.js";
import { isGuest, NameForm } from "./name.js";

const SHOWN = 6;

/** @param {{live: import("./live.js").Live}} props */
export function People({ live }) {
    const { roster, agents, floor } = live.state;
    const people = peopleOf([...live.view.members.values()]);
    const box = useRef(null);
    useEffect(() => {
        const elsewhere = ({ target }) => {
            if (!box.current.contains(target)) box.current.open = false;
        };
        addEventListener("pointerdown", elsewhere);
        return () => removeEventListener("pointerdown", elsewhere);
    }, []);
    const escape = (event) => {
        if (event.key !== "Escape") return;
        box.current.open = false;
        box.current.firstElementChild.focus();
    };
    const label = `${count(roster, "agent", "agents")} and ${count(people, "person", "people")} are here`;
    return html`<details class="people popover" ref=${box} onKeyDown=${escape}>
        <summary aria-label=${label} title=${label}>
            ${roster.slice(0, SHOWN).map(({ id }) => html`<${Avatar} key=${id} id=${id} role="agent" roster=${roster}
                busy=${agents.has(id)} small />`)}
            ${people.slice(0, SHOWN).map(({ id, name }) => html`<${Avatar} key=${id} id=${id} name=${name} role="user"
                roster=${roster} small />`)}
        </summary>
        <div class="sheet">
            <h2>Agents</h2>
            <ul>${roster.map((agent) =>
                h(Agent, {
                    key: agent.id,
                    agent,
                    live,
                    floor,
                    roster,
                    done: () => {
                        box.current.open = false;
                    },
                }),
            )}</ul>
            <h2>People</h2>
            <ul>${people.map(
                ({
                    id,
                    name,
                }) => html`<li key=${id}><${Avatar} id=${id} name=${name} role="user" roster=${roster} small />
                <div><b title=${id}>${nameOf({ id, name }, live.me)}</b>
                    ${id === live.me && isGuest(id) && h(NameForm, { label: "Your name, as others see it" })}
                </div></li>`,
            )}</ul>
        </div>
    </details>`;
}

function count({ length }, one, many) {
    return `${length} ${length === 1 ? one : many}`;
}

function Agent({ agent: { id, description }, live, floor, roster, done }) {
    const [problem, setProblem] = useState("");
    const status = live.state.agents.get(id)?.status;
    const next = async () => {
        try {
            await live.act({ kind: "next_speaker", agent: id });
            done();
        } catch (error) {
            setProblem(error.message);
        }
    };
    return html`<li>
        <${Avatar} id=${id} role="agent" roster=${roster} busy=${status !== undefined} small />
        <div><b>${id}</b> ${status ? html`<span class="tag">${status}</span>` : floor === id && html`<span
            class="tag">has the floor</span>`}
            <p class="soft">${description}</p>
            ${problem && html`<p class="failed" role="alert">${problem}</p>`}</div>
        <button type="button" onClick=${next} title=${`Let ${id} speak next`}>Speak next</button>
    </li>`;
}
