/** A room as a conversation: the feed, what is new in it said aloud, and the place to write. */

import { h, html, useEffect, useState } from "../vendor/preact.js";
import { nameOf, peopleOf } from "../elements/people.js";
import { FeedView } from "../feed/view.js";
import { Announcer } from "./announcer.js";
import { Composer } from "./composer.js";
import { useLive } from "./context.js";
import { AskForName } from "./name.js";
import { Welcome } from "./welcome.js";

/** @param {{route: import("../route.js").Route}} props */
export function RoomView({ route }) {
    const live = useLive();
    return html`<main class="conversation" aria-label="Conversation">
        <h2 class="sr">Conversation</h2>
        <${Connection} view=${live.view} />
        <${Said} live=${live} at=${route.at} />
        <${Typing} view=${live.view} me=${live.me} />
        <${AskForName} live=${live} others=${peopleOf([...live.view.members.values()]).length - 1} />
        <${Composer} live=${live} />
        <${Announcer} live=${live} />
    </main>`;
}

/** A component of its own: were it a sibling of another kind, Preact might move the composer, which loses the caret. */
function Said({ live, at }) {
    const empty =
        !live.reading && live.feed.size === 0 && live.view.pending.length === 0 && live.view.status !== "connecting";
    return empty ? h(Welcome, { live }) : h(FeedView, { live, at });
}

const STATUS = {
    connecting: "Connecting …",
    recovering: "The connection was lost. It comes back by itself, and nothing is missed.",
};

function Connection({ view: { status, problem } }) {
    const [late, setLate] = useState(false);
    useEffect(() => {
        // a blink of a connection is nobody's concern
        setLate(false);
        const timer = setTimeout(() => setLate(true), status === "live" ? 0 : 400);
        return () => clearTimeout(timer);
    }, [status]);
    if (status === "live" || !late) return html`<div role="status"></div>`;
    return html`<div class=${`banner ${status}`}
        role="status">${STATUS[status] ?? problem?.message ?? "This room is closed."}
        ${status === "closed" && html` <button type="button" class="quiet"
            onClick=${() => location.reload()}>Try again</button>`}</div>`;
}

function Typing({ view: { members, typing }, me }) {
    const names = [
        ...new Set(
            typing
                .map((client) => members.get(client))
                .filter((member) => member && member.user !== me)
                .map(({ user, name }) => nameOf({ id: user, name }, me)),
        ),
    ];
    const said = names.length > 0 && `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} typing …`;
    return html`<p class="typing" aria-live="polite">${said}</p>`;
}
