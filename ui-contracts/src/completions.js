/**
 * Completions of a Salon server, for browsers, Node and whatever else has `fetch`. No dependency.
 *
 *     const client = new Client("http://localhost:8000");
 *     const answer = await client.chat("writer", [{ role: "user", content: "Hello" }]);
 *     for await (const chunk of client.chat("writer", messages, true)) …
 */
import { BrokenAnswer, ClientError, ErrorAnswer, TimedOut, UnreadableAnswer, Unreachable } from "./errors.js";
import { EventReader } from "./events.js";
import { Patience, nap } from "./patience.js";

export { BrokenAnswer, ClientError, ErrorAnswer, TimedOut, UnreadableAnswer, Unreachable };

const LONGEST_WAIT = 60; // seconds: a server that wants to be left alone for longer is not waited for
const RETRIED = new Set([429, 503]);
/** What Node says when there was no connection. Elsewhere that cannot be told from a request that was lost half-way. */
const NOT_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);

/**
 * @typedef {{role: string, content?: unknown, [field: string]: unknown}} Message
 * @typedef {{id: string, model: string, choices: {index: number, message: {role: string, content: string | null},
 *   finish_reason: string}[], usage?: object}} Completion a whole answer, in OpenAI's shape
 * @typedef {{choices: {index: number, delta: {content?: string, role?: string}, finish_reason: string | null}[]}} Chunk
 *   a piece of a streamed answer
 * @typedef {object} Settings
 * @property {string | undefined} [token] says who is asking, as `Authorization: Bearer …`
 * @property {Record<string, string> | undefined} [headers] sent with every request besides
 * @property {number | undefined} [timeout] seconds that a whole answer may take
 * @property {number | undefined} [silence] seconds that a stream may be silent; a Salon server says something every 15
 * @property {number | undefined} [retries] further tries when there is no connection, or the server asks to come later
 * @property {typeof globalThis.fetch | undefined} [fetch]
 * @property {((seconds: number, signal: AbortSignal) => Promise<void>) | undefined} [sleep]
 */

/** A server's agents. */
export class Client {
  #fetch;
  #sleep;
  #headers;
  #timeout;
  #silence;
  #retries;

  /**
   * @param {string} baseUrl of the server; with a path, if it is mounted under one
   * @param {string | null} paymentToken sent as X-Payment-Token, for agents that cost something
   * @param {Settings} settings
   */
  constructor(baseUrl, paymentToken = null, settings = {}) {
    this.baseUrl = baseUrl.replace(/\/+$/, "");
    const { protocol, username, password } = new URL(this.baseUrl);
    if (username || password) throw new TypeError("baseUrl: say who is asking by settings.token, not in the address");
    if (protocol !== "http:" && protocol !== "https:") throw new TypeError("baseUrl: write http://HOST:PORT");
    this.#headers = new Headers({ "Content-Type": "application/json", ...settings.headers });
    if (paymentToken !== null) this.#headers.set("X-Payment-Token", paymentToken);
    if (settings.token) this.#headers.set("Authorization", `Bearer ${settings.token}`);
    this.#timeout = settings.timeout ?? 600;
    this.#silence = settings.silence ?? 60;
    this.#retries = settings.retries ?? 2;
    this.#fetch = settings.fetch ?? globalThis.fetch.bind(globalThis);
    this.#sleep = settings.sleep ?? nap;
  }

  /**
   * Ask an agent. Nothing is sent until the result is used: `await` it for the whole answer, `for await` over it for its
   * chunks. With `stream` awaiting it gives the chunks too. Leaving the loop ends the request.
   *
   * @template {boolean} [Streamed=false]
   * @param {string} agentName as in `/{agentName}/chat/completions`
   * @param {readonly Message[]} messages the conversation so far
   * @param {Streamed} [stream]
   * @param {{signal?: AbortSignal | undefined, [field: string]: unknown}} options `signal` gives up, with its reason as the error;
   *   all others are fields of the request, such as `max_tokens`
   * @returns {Chat<Streamed extends true ? AsyncGenerator<Chunk> : Completion>}
   */
  chat(agentName, messages, stream, { signal, ...fields } = {}) {
    const steps = agentName.replace(/^\/+|\/+$/g, "").split("/");
    if (steps.some((step) => ["", ".", ".."].includes(step))) throw new TypeError(`${agentName} is no agent's name`);
    const url = `${this.baseUrl}/${steps.map(encodeURIComponent).join("/")}/chat/completions`;
    const chunks = () => this.#chunks(url, { ...fields, messages, stream: true }, signal);
    const whole = () => this.#whole(url, { ...fields, messages, stream: false }, signal);
    return new Chat(/** @type {() => Promise<any>} */ (stream ? async () => chunks() : whole), chunks);
  }

  /**
   * @param {string} url
   * @param {object} body
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<Completion>}
   */
  async #whole(url, body, signal) {
    const patience = new Patience(this.#timeout, signal, true);
    try {
      const response = await this.#post(url, body, patience);
      const text = await response.text().catch((cause) => {
        throw patience.reason() ?? new BrokenAnswer("the answer stopped before its end", { cause });
      });
      const completion = object(text);
      if (completion.choices?.[0]?.message) return completion;
      if (completion.error) throw told(completion.error);
      throw new UnreadableAnswer("the answer is no chat completion: it has no choices with a message");
    } finally {
      patience.end();
    }
  }

  /**
   * @param {string} url
   * @param {object} body
   * @param {AbortSignal | undefined} signal
   * @returns {AsyncGenerator<Chunk>}
   */
  async *#chunks(url, body, signal) {
    const patience = new Patience(this.#silence, signal);
    try {
      const response = await this.#post(url, body, patience);
      const type = response.headers.get("content-type") ?? "of no known type";
      if (!type.includes("text/event-stream")) throw new UnreadableAnswer(`the answer is no stream but ${type}`);
      let finished = false;
      for await (const event of events(response, patience)) {
        if (event.data.trim() === "[DONE]") return;
        let chunk;
        try {
          chunk = object(event.data);
        } catch (problem) {
          if (event.cut) break;
          throw problem;
        }
        if (chunk.error) throw told(chunk.error);
        finished ||= typeof chunk.choices?.[0]?.finish_reason === "string";
        yield chunk;
      }
      if (!finished) throw new BrokenAnswer("the answer stopped before its end");
    } finally {
      patience.end();
    }
  }

  /**
   * The answer to a POST, its body not read yet; tried again while the server has not begun with it.
   * @param {string} url
   * @param {object} body
   * @param {Patience} patience
   * @returns {Promise<Response>}
   */
  async #post(url, body, patience) {
    const options = { method: "POST", headers: this.#headers, body: JSON.stringify(body), signal: patience.signal };
    for (let attempt = 0; ; attempt++) {
      const last = attempt >= this.#retries;
      let wait = jitter(attempt);
      let response;
      try {
        response = await this.#fetch(url, options);
      } catch (cause) {
        patience.check();
        if (last || !NOT_SENT.has(/** @type {any} */ (cause).cause?.code)) {
          throw new Unreachable(`no answer from ${url}`, { cause });
        }
      }
      if (response?.ok) {
        patience.renew();
        return response;
      }
      if (response) {
        const refused = await refusal(response);
        patience.check();
        wait = refused.retryAfter ?? wait;
        if (last || !refused.retryable || wait > LONGEST_WAIT) throw refused;
      }
      patience.pause();
      await this.#sleep(wait, patience.signal);
      patience.check();
      patience.renew();
    }
  }
}

/**
 * A request that is sent when it is used: a thenable, and an asynchronous iterable over chunks.
 * @template Answer
 */
export class Chat {
  #answered;
  #chunks;
  /** @type {Promise<Answer> | undefined} */
  #answer;

  /**
   * @param {() => Promise<Answer>} answered
   * @param {() => AsyncGenerator<Chunk>} chunks
   */
  constructor(answered, chunks) {
    this.#answered = answered;
    this.#chunks = chunks;
  }

  /**
   * @template [Next=Answer], [Otherwise=never]
   * @param {((answer: Answer) => Next | PromiseLike<Next>) | null} [fulfilled]
   * @param {((error: any) => Otherwise | PromiseLike<Otherwise>) | null} [rejected]
   * @returns {Promise<Next | Otherwise>}
   */
  then(fulfilled, rejected) {
    return (this.#answer ??= this.#answered()).then(fulfilled, rejected);
  }

  /**
   * @template [Otherwise=never]
   * @param {((error: any) => Otherwise | PromiseLike<Otherwise>) | null} [rejected]
   * @returns {Promise<Answer | Otherwise>}
   */
  catch(rejected) {
    return this.then(undefined, rejected);
  }

  /**
   * @param {(() => void) | null} [done]
   * @returns {Promise<Answer>}
   */
  finally(done) {
    return this.then().finally(done);
  }

  [Symbol.asyncIterator]() {
    return this.#chunks();
  }
}

/**
 * @param {Response} response
 * @param {Patience} patience
 */
async function* events(response, patience) {
  const body = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  const reader = new EventReader();
  for (;;) {
    const { value, done } = await body.read().catch((cause) => {
      throw patience.reason() ?? new BrokenAnswer("the connection broke in the middle of the answer", { cause });
    });
    patience.renew();
    try {
      yield* done ? reader.close() : reader.feed(value);
    } catch (problem) {
      throw problem instanceof RangeError ? new UnreadableAnswer(`the answer holds ${problem.message}`) : problem;
    }
    if (done) return;
  }
}

/** @param {string} text */
function object(text) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    throw new UnreadableAnswer("the answer is no JSON");
  }
  if (typeof found !== "object" || found === null || Array.isArray(found)) {
    throw new UnreadableAnswer("the answer is no JSON object");
  }
  return found;
}

/**
 * @param {any} error as OpenAI's clients know it; what is missing is made up for
 * @param {number} [status]
 * @param {object} [about]
 */
function told(error, status, about = {}) {
  const code = error?.code ?? error?.type ?? (status ? `http_${status}` : "unknown");
  const words = typeof error === "string" ? error : error?.message;
  const message = typeof words === "string" && words ? words : `the server answered with an error (${status ?? "none"})`;
  return new ErrorAnswer(String(code), message, { status, param: error?.param ?? undefined, ...about });
}

/** @param {Response} response */
async function refusal(response) {
  const body = await response.json().catch(() => null);
  return told(body?.error ?? body?.detail, response.status, {
    retryable: RETRIED.has(response.status) && response.headers.get("x-should-retry") !== "false",
    retryAfter: retryAfter(response.headers),
    requestId: response.headers.get("x-request-id") ?? undefined,
  });
}

/** @param {Headers} headers */
function retryAfter(headers) {
  const milliseconds = headers.get("retry-after-ms");
  const seconds = headers.get("retry-after");
  if (milliseconds === null && seconds === null) return undefined;
  const given = milliseconds === null ? Number(seconds) : Number(milliseconds) / 1000;
  const wait = Number.isNaN(given) ? (Date.parse(seconds ?? "") - Date.now()) / 1000 : given;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/** @param {number} attempt */
function jitter(attempt) {
  return 0.5 + Math.random() * (Math.min(8, 2 ** attempt) - 0.5);
}
