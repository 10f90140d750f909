/**
 * Owns a client's connection: opens it, says who is there, answers heartbeats, notices silence, comes back after a
 * pause. It may not know what rooms are.
 */
import type { Connect, ServerAction, ServerFrame, StateUpdate, Welcome } from "../../generated.js";
import { type ClientError, ErrorAnswer, LinkRefused, Unreachable } from "../errors.js";
import type { ActionPayload, ServerPayload } from "./protocol.js";

/** What a `WebSocket` is to this client: the browser's, Node's (from 22 on), or that of the package "ws". */
export type WebSocketClass = new (url: string, protocols: string) => WebSocketLike;

export interface WebSocketLike {
    onopen: ((event: never) => void) | null;
    onmessage: ((event: never) => void) | null;
    onclose: ((event: never) => void) | null;
    onerror: ((event: never) => void) | null;
    send(text: string): void;
    close(): void;
}

/**
 * What the owner of a link is told, in order. `up` when the server says welcome, `down` when that connection is gone.
 */
export interface LinkListener {
    hello(): Connect | Promise<Connect>;
    up(welcome: Welcome): void;
    receive(payload: ServerPayload): void;
    down(problem: ClientError): void;
    refused(error: LinkRefused): void;
}

/** Seconds to wait before a try, counted from 0. */
export type Backoff = (attempt: number) => number;

const SUBPROTOCOL = "salon.v1";
const OPEN_WITHIN = 10; // seconds that a server has to accept a connection and say welcome
const LONGEST = 20; // seconds between two tries
const TERMINAL = 4500; // close codes from here on: coming back does not help
const HANDSHAKE_TIMEOUT = 4502; // unless it only took too long

const CLOSED: Record<number, string> = {
    4500: "the server wants a valid token",
    4501: "the server did not understand this client",
    4503: "the server does not allow this",
    4504: "the server takes no more connections from here",
    4505: "the server speaks another version of the protocol",
    4506: "the server got too many bad frames from here",
    4507: "the room is gone",
};

/** Full jitter: anywhere between half a second and a bound that doubles up to 20 s. */
export function jitter(attempt: number): number {
    return 0.5 + (Math.min(LONGEST, 0.5 * 2 ** (attempt + 1)) - 0.5) * Math.random();
}

/** A connection that is kept up from the first `wake` until `close`, or until the server refuses it for good. */
export class Link {
    readonly #url: string;
    readonly #listener: LinkListener;
    readonly #WebSocket: WebSocketClass;
    readonly #backoff: Backoff;
    #socket: WebSocketLike | undefined;
    #timer: ReturnType<typeof setTimeout> | undefined;
    #attempt = 0;
    #opened = false;
    #heard = 0;
    #over = false;
    #limit = Infinity;

    constructor(url: string, listener: LinkListener, WebSocket: WebSocketClass, backoff: Backoff = jitter) {
        this.#url = url;
        this.#listener = listener;
        this.#WebSocket = WebSocket;
        this.#backoff = backoff;
    }

    /**
     * Connect now, also in the middle of a pause. A connection from before is given up: it may be dead, and not show
     * it.
     */
    wake(): void {
        if (this.#socket) this.#lost(new Unreachable("this device was offline"));
        if (this.#over) return; // perhaps since a moment ago: who is told of the loss may close it
        clearTimeout(this.#timer);
        this.#open();
    }

    readonly #open = (): void => {
        let socket: WebSocketLike;
        try {
            socket = new this.#WebSocket(this.#url, SUBPROTOCOL);
        } catch {
            this.refuse(new LinkRefused(`${this.#url} is no address of a server: write http://HOST:PORT`));
            return;
        }
        this.#socket = socket;
        this.#opened = false;
        const current =
            <E>(react: (event: E) => void) =>
            (event: E) => {
                if (this.#socket === socket) react(event);
            };
        socket.onopen = current(() => void this.#hello(socket));
        socket.onmessage = current(({ data }: { data: unknown }) => this.#hear(data));
        socket.onclose = current(({ code, reason }: { code: number; reason?: string }) => this.#closed(code, reason));
        socket.onerror = () => undefined; // a close follows, which says more
        this.#expect(OPEN_WITHIN);
    };

    /**
     * Say something, if there is a connection.
     *
     * @throws ErrorAnswer `too_large`: the server could not say whose frame it refuses
     */
    send(payload: ActionPayload): void {
        this.#say("action", payload);
    }

    /** The server has been of use: should the connection break now, the next pause is a short one. */
    settled(): void {
        this.#attempt = 0;
    }

    /** End it for good, for a reason that the listener is told. */
    refuse(error: LinkRefused): void {
        if (this.#over) return;
        this.close();
        this.#listener.refused(error);
    }

    /** End it for good. */
    close(): void {
        this.#over = true;
        this.#abandon();
    }

    async #hello(socket: WebSocketLike): Promise<void> {
        this.#opened = true;
        try {
            const hello = await this.#listener.hello();
            if (this.#socket === socket) this.send(hello);
        } catch (problem) {
            const why = problem instanceof Error ? problem.message : String(problem);
            if (this.#socket === socket) this.#lost(new Unreachable(`there is no token: ${why}`));
        }
    }

    #hear(data: unknown): void {
        this.#heard = Date.now();
        const frame = read(data);
        if (!frame) return;
        if (frame.type === "ping") this.#say("pong", { nonce: frame.payload.nonce });
        else if (frame.type === "error") this.#listener.receive({ ...frame.payload, kind: "error" });
        else if (frame.type !== "pong") this.#told(frame.payload);
    }

    #told(payload: StateUpdate["payload"] | ServerAction["payload"]): void {
        if (payload.kind === "welcome") {
            this.#limit = payload.limits.frame_bytes;
            this.#expect(payload.ping_every + 2 * payload.pong_within);
            this.#listener.up(payload);
        } else this.#listener.receive(payload);
    }

    #closed(code: number, reason?: string): void {
        const told = reason ? `${code}: ${reason}` : code;
        if (code >= TERMINAL && code !== HANDSHAKE_TIMEOUT) {
            const why = CLOSED[code] ?? "the server closed the connection for good";
            this.refuse(new LinkRefused(`${why} (${told})`, { close: code }));
        } else if (this.#opened) this.#lost(new Unreachable(`the connection to ${this.#url} is gone (${told})`));
        else this.#lost(new Unreachable(`no server answers at ${this.#url}, or it takes no pages of this origin`));
    }

    #lost(problem: ClientError): void {
        this.#abandon();
        this.#timer = setTimeout(this.#open, 1000 * this.#backoff(this.#attempt++));
        this.#listener.down(problem);
    }

    /** Let go of the socket without waiting for its end, which a dead peer would never confirm. */
    #abandon(): void {
        clearTimeout(this.#timer);
        const socket = this.#socket;
        this.#socket = undefined;
        socket?.close();
    }

    /** Give the connection up when nothing is heard for so many seconds. */
    #expect(silence: number): void {
        clearTimeout(this.#timer);
        this.#heard = Date.now();
        const look = (): void => {
            const now = Date.now(); // unlike a monotonic clock it counts the time that a device slept
            this.#heard = Math.min(this.#heard, now); // it may have been set back
            const left = this.#heard + 1000 * silence - now;
            if (left > 0) this.#timer = setTimeout(look, left);
            else this.#lost(new Unreachable(`${this.#url} says nothing`));
        };
        this.#timer = setTimeout(look, 1000 * silence);
    }

    #say(type: "action" | "pong", payload: object): void {
        const text = JSON.stringify({ type, payload, timestamp: Date.now() / 1000 }, wellFormed);
        if (text.length * 3 > this.#limit && new TextEncoder().encode(text).length > this.#limit) {
            throw new ErrorAnswer("too_large", `The server takes at most ${this.#limit} bytes at once: send less.`);
        }
        this.#socket?.send(text);
    }
}

/**
 * The socket of a server: at /ws/agent below its address, be that `http://host`, `host:8000` or a page's own "/".
 *
 * @throws TypeError it is no address, or there is no page whose own it could be
 */
export function socketUrl(url: string): string {
    const page = (globalThis as { location?: { origin: string } }).location?.origin;
    const full = /^([a-z]+:\/\/|\/)/i.test(url) ? url : `http://${url}`;
    if (!URL.canParse(full, page)) throw new TypeError(`url: "${url}" is no address: write http://HOST:PORT`);
    const found = new URL(full, page);
    found.pathname = found.pathname.replace(/\/*(\/ws\/agent)?\/*$/, "/ws/agent");
    found.protocol = found.protocol.replace("http", "ws");
    found.hash = "";
    return found.href;
}

/** A frame of the server; undefined for what is none. A newer server may say what this client does not know. */
function read(data: unknown): ServerFrame | undefined {
    try {
        const frame = JSON.parse(data as string) as ServerFrame | null;
        return typeof frame?.payload === "object" && frame.payload ? frame : undefined;
    } catch {
        return undefined;
    }
}

/** Half a pair of surrogates, as a text has that was cut in an emoji, is refused by every strict reader of JSON. */
function wellFormed(key: string, value: unknown): unknown {
    if (!key.isWellFormed()) throw new ErrorAnswer("bad_request", "A key has half a surrogate pair: leave it out.");
    return typeof value === "string" ? value.toWellFormed() : value;
}
