/** Brings one message into view, as an address names it: reads the log back to there, and marks the message. */

import { useEffect, useRef, useState } from "../vendor/preact.js";

const FRAMES = 8; // in which what was not drawn yet takes its real height

/**
 * @param {import("../room/live.js").Live} live
 * @param {number | undefined} at where the message stands in the log
 * @param {{current: HTMLElement}} box the feed
 * @param {{older: () => Promise<void>, leaveEnd: () => void}} way reads a page back; stops following what is new
 * @returns {string} how far that is; empty when there is nothing to say
 */
export function useFound(live, at, box, { older, leaveEnd }) {
    const [said, say] = useState("");
    const done = useRef(null);
    const oldest = live.entries[0]?.seq;
    useEffect(() => {
        if (at === undefined || live.reading || oldest === undefined || done.current === at) return;
        if (oldest > at && live.more) {
            say("Reading back to that message …");
            older().catch((error) => say(error.message));
            return;
        }
        done.current = at;
        const found = box.current.querySelector(`[data-seq="${at}"]`);
        say(found === null ? "That message is not here any more." : "");
        if (found === null) return;
        leaveEnd();
        for (const before of box.current.querySelectorAll("[data-found]")) delete before.dataset.found;
        found.dataset.found = "";
        show(found, FRAMES);
    });
    return said;
}

function show(element, frames) {
    element.scrollIntoView({ block: "center" });
    if (frames > 0) requestAnimationFrame(() => show(element, frames - 1));
}
