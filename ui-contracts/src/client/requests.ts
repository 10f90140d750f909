/**
 * Owns what was asked and has not been answered: each action goes out until the server has answered it, under one id.
 */
import { type ClientError, ErrorAnswer } from "./errors.js";
import type { Answer, Asked, ServerPayload } from "./wire/protocol.js";

const AT_ONCE = 32; // actions on their way; the server takes 64, and 40 in a burst
const TRIES = 8; // of an action that the server cannot take at the moment
/** It came too fast, or could not be stored: under its id it may come again, and takes effect once. */
const PASSING: readonly string[] = ["rate_limited", "unavailable"];
const ANSWERS: readonly string[] = ["ack", "history", "threads", "error"] satisfies ServerPayload["kind"][];

interface Request {
    readonly action: Asked;
    readonly resolve: (answer: Answer) => void;
    readonly reject: (error: Error) => void;
    /** How often the server could not take it. */
    refused: number;
    timer?: ReturnType<typeof setTimeout>;
}

/** `transmit` sends an action if there is a connection; it throws an ErrorAnswer for one that cannot be sent at all. */
export class Requests {
    readonly #transmit: (action: Asked) => void;
    readonly #underway = new Map<string, Request>();
    readonly #waiting: Request[] = [];

    constructor(transmit: (action: Asked) => void) {
        this.#transmit = transmit;
    }

    /**
     * Ask, and wait for the answer however long the connection is away. Rejects with ErrorAnswer when it is refused.
     */
    ask(action: Asked): Promise<Answer> {
        return new Promise((resolve, reject) => {
            this.#waiting.push({ action, resolve, reject, refused: 0 });
            this.#next();
        });
    }

    /** The server has answered something, perhaps this client's. */
    answered(answer: ServerPayload): void {
        const request = "reply_to" in answer ? this.#underway.get(answer.reply_to ?? "") : undefined;
        if (!request || !ANSWERS.includes(answer.kind)) return; // a newer server may say more about a request
        if (answer.kind !== "error") {
            this.#done(request);
            request.resolve(answer as Answer);
        } else if (PASSING.includes(answer.code) && answer.retry_after !== undefined && ++request.refused < TRIES) {
            request.timer = setTimeout(() => this.#put(request), 1000 * answer.retry_after);
        } else {
            this.#done(request);
            const { code, message, retryable, retry_after: retryAfter, details } = answer;
            request.reject(new ErrorAnswer(code, message, { retryable, retryAfter, details }));
        }
    }

    /** There is a connection again: what was not answered goes out once more, in order. */
    resend(): void {
        for (const request of [...this.#underway.values()]) this.#put(request);
    }

    /** Nothing will be answered any more; what is `done` need not be, the others are rejected. */
    end(error: ClientError, done: (action: Asked) => boolean = () => false): void {
        const all = [...this.#underway.values(), ...this.#waiting.splice(0)];
        this.#underway.clear();
        for (const request of all) {
            clearTimeout(request.timer);
            const { action, resolve, reject } = request;
            if (done(action)) resolve({ kind: "ack", reply_to: action.id, duplicate: false });
            else reject(error);
        }
    }

    #next(): void {
        while (this.#underway.size < AT_ONCE) {
            const request = this.#waiting.shift();
            if (!request) return;
            this.#underway.set(request.action.id, request);
            this.#put(request);
        }
    }

    #put(request: Request): void {
        clearTimeout(request.timer);
        try {
            this.#transmit(request.action);
        } catch (error) {
            this.#done(request);
            request.reject(error as Error);
        }
    }

    #done(request: Request): void {
        this.#underway.delete(request.action.id);
        this.#next();
    }
}
