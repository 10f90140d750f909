/** Makes ids that nobody else makes. `crypto.randomUUID` is only there on secure origins; this is everywhere. */
export function newId(prefix) {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    return `${prefix}_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
