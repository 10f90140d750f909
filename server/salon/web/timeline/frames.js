/** The raw frames of a room's connection, as they went over the wire: kept as text, read when somebody looks. */

const KEPT = 400;
const LONGEST = 20_000;
/** Whoever looks over a shoulder must not get to speak in this person's name. */
const SECRET = /"(token|session)":"[^"]*"/g;

/** The newest frames of a connection and of those that followed it. */
export class Frames {
    /** @type {{n: number, at: number, way: "in" | "out", text: string, length: number}[]} */
    kept = [];
    #count = 0;

    /** A WebSocket whose frames are kept here. */
    get WebSocket() {
        const keep = this.#keep;
        return class extends WebSocket {
            constructor(...address) {
                super(...address);
                this.addEventListener("message", ({ data }) => keep("in", data));
            }

            send(data) {
                keep("out", data);
                super.send(data);
            }
        };
    }

    #keep = (way, data) => {
        const text = typeof data === "string" ? data : "";
        this.kept.push({
            n: (this.#count += 1),
            at: Date.now() / 1000,
            way,
            text: text.slice(0, LONGEST),
            length: text.length,
        });
        if (this.kept.length > 2 * KEPT) this.kept = this.kept.slice(-KEPT);
    };
}

/** What a frame says it is, and its text without secrets. @param {{text: string, length: number}} frame */
export function readFrame({ text, length }) {
    const clean = text.replaceAll(SECRET, '"$1":"…"');
    if (length > text.length) return { name: "frame", text: `${clean} … (${length - text.length} more)` };
    const { type, payload } = JSON.parse(text);
    const inside = payload?.kind === "events" ? ` ${payload.entries.map(({ seq }) => seq).join(", ")}` : "";
    return {
        name: `${type} ${payload?.kind ?? payload?.code ?? ""}${inside}`,
        text: JSON.stringify(JSON.parse(clean), null, 2),
    };
}
