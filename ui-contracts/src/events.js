/** Reads server-sent events from bytes, however these are split. Knows nothing of what an event means. */

/** The largest event taken from a server, in UTF-16 units. */
export const EVENT_LIMIT = 16 * 1024 * 1024;

/**
 * @typedef {object} ServerEvent
 * @property {string} data its lines of data, joined by line feeds
 * @property {string} name its type, "message" unless it says another
 * @property {boolean} cut whether the stream ended in it, so that there may have been more of it
 */

/**
 * The events of one stream, each as soon as it is complete. Lines end with LF, CR or CR LF; comments and unknown fields
 * are passed over; an event without data is none.
 */
export class EventReader {
  #decoder = new TextDecoder();
  #rest = "";
  #afterCR = false;
  /** @type {string[]} */
  #data = [];
  #name = "";
  #size = 0;
  #limit;

  /** @param {number} limit UTF-16 units that one event may have */
  constructor(limit = EVENT_LIMIT) {
    this.#limit = limit;
  }

  /**
   * The events that these bytes complete.
   * @param {Uint8Array} bytes
   * @returns {Generator<ServerEvent>}
   * @throws {RangeError} an event is larger than the reader takes
   */
  *feed(bytes) {
    yield* this.#read(this.#decoder.decode(bytes, { stream: true }));
  }

  /**
   * The events that the end of the stream completes: one at most.
   * @returns {Generator<ServerEvent>}
   */
  *close() {
    yield* this.#read(this.#decoder.decode());
    const line = this.#rest;
    this.#rest = "";
    const event = (line && this.#line(line)) || this.#event();
    if (event) yield { ...event, cut: true };
  }

  /** @param {string} text */
  *#read(text) {
    if (this.#afterCR && text) {
      this.#afterCR = false;
      if (text.startsWith("\n")) text = text.slice(1);
    }
    const ends = /\r\n|\r|\n/g;
    let start = 0;
    for (let end = ends.exec(text); end; end = ends.exec(text)) {
      const line = this.#rest + text.slice(start, end.index);
      this.#grow(end.index - start);
      this.#rest = "";
      start = ends.lastIndex;
      this.#afterCR = end[0] === "\r" && start === text.length;
      const event = this.#line(line);
      if (event) yield event;
    }
    this.#grow(text.length - start);
    this.#rest += text.slice(start);
  }

  /** @param {number} units */
  #grow(units) {
    this.#size += units;
    if (this.#size > this.#limit) throw new RangeError(`an event of more than ${this.#limit} characters`);
  }

  /** @param {string} line */
  #line(line) {
    if (!line) return this.#event();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#name = value;
    else if (!field && !this.#data.length) this.#size = 0; // comments keep a silent stream open for hours
    return null;
  }

  #event() {
    const [data, name] = [this.#data, this.#name];
    [this.#data, this.#name, this.#size] = [[], "", 0];
    return data.length ? { data: data.join("\n"), name: name || "message", cut: false } : null;
  }
}
