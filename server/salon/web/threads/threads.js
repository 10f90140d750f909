/** This person's threads, as the server knows them: a page at a time, asked for anew when something has changed. */

import { useEffect, useState } from "../vendor/preact.js";

const PAGE = 50;
const PAUSE = 200; // milliseconds without a key before one searches

/**
 * @param {import("../room/live.js").Live} live
 * @param {string} query what to search for, in the archive too; empty: all that are, or are not, in the archive
 * @param {boolean} archived
 * @param {string} place where in the page one is: branches are made on the way to some
 * @returns {{threads: object[] | null, more: (() => void) | null, problem: string, refresh: () => void}}
 */
export function useThreads(live, query, archived, place) {
    const [found, setFound] = useState({ threads: null, cursor: undefined });
    const [problem, setProblem] = useState("");
    const [count, again] = useState(0);
    const { title, archived: away, messages } = useRoomOf(live);
    const ask = (cursor) =>
        live.act({ kind: "threads", limit: PAGE, ...(query ? { query } : { archived }), ...(cursor && { cursor }) });
    const failed = (error) => {
        if (live.view.status !== "closed") setProblem(error.message);
    };
    useEffect(() => {
        let over = false;
        const timer = setTimeout(
            () => {
                const show = ({ threads, cursor }) => {
                    if (over) return;
                    setProblem("");
                    setFound({ threads, cursor });
                };
                ask().then(show, (error) => over || failed(error));
            },
            query === "" ? 0 : PAUSE,
        );
        return () => {
            over = true;
            clearTimeout(timer);
        };
    }, [live, query, archived, place, title, away, messages, count]);
    const more = () => {
        const add = ({ threads, cursor }) => setFound({ threads: [...found.threads, ...threads], cursor });
        ask(found.cursor).then(add, failed);
    };
    return {
        threads: found.threads,
        more: found.cursor ? more : null,
        problem,
        refresh: () => again((before) => before + 1),
    };
}

/** What of the room that is shown makes its line in the list another. */
function useRoomOf(live) {
    const now = () => ({
        title: live.state.title,
        archived: live.state.archived,
        messages: live.state.messages.length,
    });
    const [room, setRoom] = useState(now);
    useEffect(() => {
        const look = () => setRoom((before) => (same(before, now()) ? before : now()));
        look();
        return live.subscribe(look);
    }, [live]);
    return room;
}

function same(one, other) {
    return Object.keys(one).every((name) => one[name] === other[name]);
}
