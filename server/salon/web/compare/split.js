/** Where two logs of one origin part, and what each says from there, in rounds that can be laid side by side. Pure. */

import { textOf } from "../feed/words.js";

/** What only says that a branch was made. */
const ABOUT_BRANCHES = new Set(["forked_from", "room.forked"]);

/**
 * The seq of the last entry that both logs have; 0 when there is none in what is given of them. A copy keeps the seq
 * and the time of every entry; pieces that a later entry superseded are in one log or the other.
 * @param {{seq: number, at: number, body: {event: string}}[]} one
 * @param {{seq: number, at: number, body: {event: string}}[]} other
 */
export function partingOf(one, other) {
    const times = new Map(other.map(({ seq, at }) => [seq, at]));
    return one.findLast(({ seq, at }) => times.get(seq) === at)?.seq ?? 0;
}

/** Whether `log` shows that it began as a copy of `room`. */
export function isCopyOf(log, room) {
    return log.some(({ body }) => body.event === "room.opened" && body.forked_from === room);
}

/**
 * The items of a feed after `parting`, in rounds: each begins with what a person says, but for the first, which goes on
 * with what was under way.
 * @param {(object | null)[][]} chunks
 * @param {number} parting
 * @returns {object[][]}
 */
export function roundsAfter(chunks, parting) {
    const rounds = [[]];
    for (const item of chunks.flat()) {
        if (item === null || item.seq <= parting || ABOUT_BRANCHES.has(item.about)) continue;
        if (item.kind === "message" && item.author.role === "user") rounds.push([item]);
        else if (rounds.length > 1 || item.kind !== "note") rounds.at(-1).push(item); // a copy ends first what was cut
    }
    return rounds;
}

/** The items of a feed up to `parting`. */
export function itemsUpTo(chunks, parting) {
    return chunks.flat().filter((item) => item !== null && item.seq <= parting);
}

/**
 * The rounds of two sides in rows: where both ask the same, it stands in one row.
 * @param {object[][]} one
 * @param {object[][]} other
 * @returns {[object[] | undefined, object[] | undefined][]}
 */
export function rowsOf([goesOn, ...one], [otherGoesOn, ...other]) {
    const rows = [[goesOn, otherGoesOn]];
    let [from, otherFrom] = [0, 0];
    const until = (to, otherTo) => {
        for (let n = 0; n < Math.max(to - from, otherTo - otherFrom); n += 1) {
            rows.push([
                from + n < to ? one[from + n] : undefined,
                otherFrom + n < otherTo ? other[otherFrom + n] : undefined,
            ]);
        }
        [from, otherFrom] = [to, otherTo];
    };
    for (const [n, round] of one.entries()) {
        const same = other.findIndex((each, place) => place >= otherFrom && questionOf(each) === questionOf(round));
        if (same === -1) continue;
        until(n, same);
        until(n + 1, same + 1);
    }
    until(one.length, other.length);
    return rows;
}

function questionOf([message]) {
    return message.parts === undefined ? message.key : textOf(message.parts);
}
