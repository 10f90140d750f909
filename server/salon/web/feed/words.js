/** What a message says in words. Pure. */

/** What parts of a message say in words. */
export function textOf(parts) {
    return parts.map(wordsOf).filter(Boolean).join("\n\n");
}

function wordsOf(part) {
    switch (part.kind) {
        case "text":
            return part.text;
        case "file":
            return `📎 ${part.name ?? part.file_id}`;
        case "data":
            return `\`\`\`json\n${JSON.stringify(part.data, null, 2)}\n\`\`\``;
        default:
            return "";
    }
}

/**
 * Parts as they are shown: those that are words together are one text, and each surface stands between them.
 * @param {object[]} parts
 */
export function stretchesOf(parts) {
    const made = [];
    for (const part of parts) {
        if (part.kind === "ui") made.push(part);
        else if (made.at(-1)?.kind === "words") made.at(-1).parts.push(part);
        else made.push({ kind: "words", parts: [part] });
    }
    return made;
}

/** The surfaces that a message shows at places of its own. @param {object[]} parts */
export function surfacesIn(parts = []) {
    return parts.filter(({ kind }) => kind === "ui").map(({ surface }) => surface);
}
