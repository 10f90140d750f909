/** Mentions while they are written: which agents fit, and the text with one of them put in. Pure. */

/**
 * The mention that ends at `caret`, as far as it is written; null when none is.
 * @param {string} text
 * @param {number} caret
 * @returns {{from: number, part: string} | null}
 */
export function mentionAt(text, caret) {
    const found = /(?:^|[\s(])@([A-Za-z0-9_-]{0,64})$/.exec(text.slice(0, caret));
    return found && { from: caret - found[1].length - 1, part: found[1].toLowerCase() };
}

/** The agents whose names begin so, then those that have it somewhere. */
export function fitting(roster, part) {
    const starts = roster.filter(({ id }) => id.toLowerCase().startsWith(part));
    const holds = roster.filter(({ id }) => !starts.some((each) => each.id === id) && id.toLowerCase().includes(part));
    return [...starts, ...holds];
}

/** The text with the whole name in place of what was written of it, and where the caret is then. */
export function completed(text, { from, part }, id) {
    const rest = text.slice(from + 1 + part.length);
    const put = `${text.slice(0, from)}@${id} `;
    return { text: put + rest.replace(/^ /, ""), caret: put.length };
}
