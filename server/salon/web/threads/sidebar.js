/** The list of this person's rooms: to find one, to begin one, to put one away. */

import { h, html, useState } from "../vendor/preact.js";
import { hashOf, newRoom } from "../route.js";
import { Row } from "./row.js";
import { useThreads } from "./threads.js";

/** @param {{live: import("../room/live.js").Live, route: import("../route.js").Route}} props */
export function Sidebar({ live, route }) {
    const [query, search] = useState("");
    const [archived, show] = useState(false);
    const { threads, more, problem, refresh } = useThreads(live, query.trim(), archived, hashOf(route));
    const begun = threads?.some(({ room }) => room === route.room);
    // Also a room that somebody else began is in the list while one is there.
    const apart = begun === false && query === "" && !archived && !live.state.archived;
    const row = (thread) => h(Row, { key: thread.room, thread, live, current: thread.room === route.room, refresh });
    return html`<div class="rooms">
        <p class="brand"><img src="static/web/icon.svg" width="24" height="24" alt="" /> Salon</p>
        <a class="button" href=${hashOf({ view: "room", room: newRoom() })}>New room</a>
        <input type="search" value=${query} placeholder="Search in all rooms" aria-label="Search in all rooms"
            onInput=${(event) => search(event.target.value)} />
        ${
            query.trim() === "" &&
            html`<div class="places" role="group" aria-label="Which rooms">
            <button type="button" class="quiet" aria-pressed=${!archived} onClick=${() => show(false)}>Rooms</button>
            <button type="button" class="quiet" aria-pressed=${archived} onClick=${() => show(true)}>Archive</button>
        </div>`
        }
        ${problem && html`<p class="failed" role="alert">${problem}</p>`}
        <ul aria-label=${label(query, archived)}>
            ${apart && html`<li><a href=${hashOf(route)} aria-current="page">${titleOf(live.state)}</a></li>`}
            ${threads?.map(row)}
        </ul>
        ${more && html`<button type="button" class="quiet" onClick=${more}>Show more</button>`}
        <p class="soft none" role="status">${threads?.length === 0 && !apart && nothing(query, archived)}</p>
    </div>`;
}

function titleOf({ title, messages }) {
    return title ?? (messages.length === 0 ? "New room" : "Untitled room");
}

function label(query, archived) {
    if (query.trim() !== "") return "Rooms that were found";
    return archived ? "Archived rooms" : "Your rooms";
}

function nothing(query, archived) {
    if (query.trim() !== "") return `Nothing is found for “${query.trim()}”.`;
    return archived ? "The archive is empty." : "No rooms yet.";
}
