/** The list of this person's rooms, and the way to a new one. */

import { html, useEffect, useState } from "../vendor/preact.js";
import { hashOf, newRoom } from "../route.js";

/** @param {{live: import("../room/live.js").Live, route: import("../route.js").Route}} props */
export function Sidebar({ live, route }) {
    const [threads, setThreads] = useState([]);
    const { title } = live.state;
    useEffect(() => {
        const page = live.act({ kind: "threads", limit: 50, archived: false });
        page.then(({ threads: found }) => setThreads(found), (error) => console.info("The list of rooms is not there.", error));
    }, [live, title]);
    return html`<div class="rooms">
        <p class="brand"><img src="static/web/icon.svg" width="24" height="24" alt="" /> Salon</p>
        <a class="button" href=${hashOf({ view: "room", room: newRoom() })}>New room</a>
        <ul>${threads.map(({ room, title: name }) => html`<li key=${room}><a href=${hashOf({ view: "room", room })}
            aria-current=${room === route.room ? "page" : undefined}>${name ?? "Untitled room"}</a></li>`)}</ul>
    </div>`;
}
