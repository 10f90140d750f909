/** How long to wait, for a server and before another try. Knows nothing of what is waited for. */
import { TimedOut } from "./errors.js";

/** How long a server may take, and the caller's own signal, as one signal. */
export class Patience {
  #abort = new AbortController();
  #seconds;
  #caller;
  #total;
  #late = false;
  #give = () => this.#abort.abort();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {number} seconds
   * @param {AbortSignal | undefined} caller
   * @param {boolean} total whether the seconds are for everything; else for each time that the server says nothing
   */
  constructor(seconds, caller, total = false) {
    this.#seconds = seconds;
    this.#caller = caller;
    this.#total = total;
    caller?.addEventListener("abort", this.#give);
    if (caller?.aborted) this.#give();
    this.#begin();
  }

  get signal() {
    return this.#abort.signal;
  }

  /** Something came: begin anew to wait. */
  renew() {
    this.pause();
    if (!this.#total) this.#begin();
  }

  /** The silence is our own. */
  pause() {
    if (!this.#total) clearTimeout(this.#timer);
  }

  /** Why it was given up, if it was: the caller's reason, or a TimedOut. */
  reason() {
    if (this.#caller?.aborted) return this.#caller.reason;
    return this.#late ? new TimedOut(`no answer from the server within ${this.#seconds} s`) : undefined;
  }

  /** @throws {unknown} that reason */
  check() {
    const given = this.reason();
    if (given !== undefined) throw given;
  }

  /** Nothing more is wanted: what is still open is closed. */
  end() {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener("abort", this.#give);
    this.#give();
  }

  #begin() {
    this.#timer = setTimeout(() => {
      this.#late = true;
      this.#give();
    }, this.#seconds * 1000);
  }
}

/**
 * Waits, unless it is given up meanwhile.
 * @param {number} seconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export function nap(seconds, signal) {
  return new Promise((done) => {
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", over);
      done();
    };
    const timer = setTimeout(over, seconds * 1000);
    signal.addEventListener("abort", over);
    if (signal.aborted) over();
  });
}
