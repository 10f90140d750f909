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
