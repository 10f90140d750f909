/** The feed of a room on the screen: what is new moves in at its end, what is older comes when one scrolls up to it. */

import { h, html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { Avatar } from "../elements/avatar.js";
import { Icon } from "../elements/icon.js";
import { Markdown } from "../elements/markdown.js";
import { useFound } from "./found.js";
import { Chunk } from "./items.js";
import { textOf } from "./words.js";

/** Pixels from the end within which one is at it, and from the beginning within which older items are fetched. */
const NEAR = 120;
const EARLY = 600;

/**
 * The feed of a room; it follows what is new as long as its end is on the screen.
 * @param {{live: import("../room/live.js").Live, at?: number}} props `at`: the message that it goes to
 */
export function FeedView({ live, at }) {
    const look = useLook(live);
    const box = useRef(null);
    const held = useRef({ bottom: true, from: 0 });
    const [away, setAway] = useState(false);
    const oldest = live.entries[0]?.seq;
    const scrolled = ({ currentTarget }) => {
        const { scrollHeight, scrollTop, clientHeight } = currentTarget; // may be off the page already
        const below = scrollHeight - scrollTop - clientHeight;
        held.current = { bottom: below < NEAR, from: scrollHeight - scrollTop };
        if (away !== below > 2 * NEAR) setAway(below > 2 * NEAR);
        if (scrollTop < EARLY) void older(live);
    };
    const toEnd = () => {
        held.current.bottom = true;
        box.current.scrollTop = box.current.scrollHeight;
    };
    useLayoutEffect(() => {
        if (held.current.bottom) box.current.scrollTop = box.current.scrollHeight;
    });
    useLayoutEffect(() => {
        // what was read before stays where it was on the screen
        if (!held.current.bottom) box.current.scrollTop = box.current.scrollHeight - held.current.from;
    }, [oldest]);
    useEffect(() => {
        // pictures of surfaces grow after they were drawn
        const watch = new ResizeObserver(() => held.current.bottom && toEnd());
        watch.observe(box.current.firstElementChild);
        return () => watch.disconnect();
    }, []);
    const looking = useFound(live, at, box, {
        older: () => older(live, at),
        leaveEnd: () => {
            held.current.bottom = false;
        },
    });
    return html`<div class="feed" ref=${box} onScroll=${scrolled} tabindex="0" role="log" aria-live="off"
        aria-label="What was said">
        <div class="items-of-feed">
            ${live.more && html`<p class="earlier"><button type="button" class="quiet"
                onClick=${() => older(live)}>Show what was said before</button></p>`}
            ${live.feed.chunks.map((items, n) => h(Chunk, { key: live.feed.first + n, items, look }))}
            ${live.view.pending.map((said) => h(Pending, { key: said.id, said, look }))}
        </div>
        <p class="looking" role="status">${looking}</p>
        ${away && html`<button type="button" class="to-end" onClick=${toEnd}><${Icon} name="down" /> Newest</button>`}
    </div>`;
}

function Pending({ said, look: { me, roster } }) {
    return html`<article class="item message mine pending" aria-label="You said; on its way">
        <${Avatar} id=${me ?? "you"} role="user" roster=${roster} />
        <div class="body"><header><strong class="who">You</strong> <span
            class="soft">on its way</span></header><${Markdown} text=${textOf(said.parts)} /></div>
    </article>`;
}

let reading = null;

/** Reads the page before, or back to an entry, once at a time. */
async function older(live, at) {
    if (!live.more || reading === live) return;
    reading = live;
    try {
        await live.older(at);
    } finally {
        reading = null;
    }
}

/** What all items of the feed need: the same object as long as none of it has changed, so that they are left alone. */
export function useLook(live) {
    const { roster, surfaces } = live.state;
    const { me } = live;
    const inside = [...surfaces.values()]
        .flatMap(({ props }) => (Array.isArray(props.children) ? props.children : []))
        .join(" ");
    return useMemo(
        () => ({ live, roster, me, mentions: new Set(roster.map(({ id }) => id)), inside: new Set(inside.split(" ")) }),
        [live, roster, me, inside],
    );
}
