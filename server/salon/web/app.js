/** The page: the list of rooms, and one room as a conversation, as a timeline, or beside another. */

import { h, html, render, useEffect, useMemo, useState } from "./vendor/preact.js";
import { RoomProvider } from "./room/context.js";
import { Header } from "./room/header.js";
import { Live } from "./room/live.js";
import { useMyName } from "./room/name.js";
import { RoomView } from "./room/view.js";
import { Lazy } from "./lazy.js";
import { hashOf, newRoom, routeOf } from "./route.js";

const LAST = "salon.room";

/** What is shown beside the conversation is fetched when it is asked for. */
const Sidebar = Lazy(() => import("./threads/sidebar.js"), "Sidebar");
const Timeline = Lazy(() => import("./timeline/view.js"), "Timeline");
const Compare = Lazy(() => import("./compare/view.js"), "Compare");

function App() {
    const route = useRoute();
    const live = useRoomOf(route.room);
    const gone = useGone(live);
    const [listed, list] = useState(false);
    useEffect(() => list(false), [route]); // on a narrow screen the list makes room for what was chosen
    return html`<${RoomProvider} value=${live}>
        <a class="skip" href="#composer" onClick=${toComposer}>Skip to the message box</a>
        <div class=${`shell${listed ? " listed" : ""}`}>
            <nav class="sidebar" id="rooms" aria-label="Rooms">${h(Sidebar, { live, route })}</nav>
            <button type="button" class="veil" aria-label="Close the list of rooms" tabindex="-1"
                onClick=${() => list(false)}></button>
            <div class="room">
                ${gone?.instead === route.room && html`<p class="banner" role="status">${gone.said}</p>`}
                <${Header} key=${live.room} route=${route} listed=${listed} list=${list} />
                ${h(VIEWS[route.view], { key: hashOf({ ...route, at: undefined }), live, route })}
            </div>
        </div>
    </${RoomProvider}>`;
}

const VIEWS = { room: RoomView, timeline: Timeline, compare: Compare };

/** The route of the address. An address without one leads to the room that was shown last, or to a new one. */
function useRoute() {
    const [route, setRoute] = useState(() => routeOf(location.hash) ?? first());
    useEffect(() => {
        const follow = () => {
            const next = routeOf(location.hash);
            if (next !== null) setRoute(next);
        };
        addEventListener("hashchange", follow);
        return () => removeEventListener("hashchange", follow);
    }, []);
    useEffect(() => localStorage.setItem(LAST, route.room), [route.room]);
    return route;
}

function first() {
    const room = localStorage.getItem(LAST) ?? newRoom();
    history.replaceState(null, "", hashOf({ view: "room", room }));
    return routeOf(location.hash);
}

function useRoomOf(room) {
    const name = useMyName();
    const live = useMemo(() => new Live(room), [room, name]);
    useEffect(() => () => live.close(), [live]);
    return live;
}

/** Goes to a new room when somebody has deleted this one; gives what to say of that there. */
function useGone(live) {
    const [gone, leave] = useState(null);
    useEffect(
        () =>
            live.subscribe(() => {
                if (live.view.problem?.code !== "deleted") return;
                const instead = newRoom();
                const { title } = live.state;
                leave({ instead, said: `${title ? `“${title}”` : "The room"} was deleted. This is a new room.` });
                location.hash = hashOf({ view: "room", room: instead });
            }),
        [live],
    );
    return gone;
}

function toComposer(event) {
    event.preventDefault(); // the address's hash is the room
    document.getElementById("composer")?.focus();
}

const root = document.getElementById("app");
root.replaceChildren();
render(h(App), root);
