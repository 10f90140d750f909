/**
 * What can go wrong for a client, sorted by what its caller can do about it. Of rooms, and of completions too, which
 * run without being compiled: hence JavaScript.
 */
/** Anything that a client throws; its message is for people. `retryable`: the same request may work later. */
export class ClientError extends Error {
    /** @type {boolean} */
    retryable = false;
    /**
     * @param {string} message
     * @param {ErrorOptions} [options]
     */
    constructor(message, options) {
        super(message, options);
        this.name = new.target.name;
    }
}
/** Nobody answered at the address, or the connection broke before the first byte of an answer. */
export class Unreachable extends ClientError {
    retryable = true;
}
/** The server answered with an error. */
export class ErrorAnswer extends ClientError {
    /**
     * @param {string} code which one, such as "not_found"; "http_" and the status for an answer that does not say
     * @param {string} message
     * @param {object} [about]
     * @param {number | undefined} [about.status] of the HTTP answer; absent in the middle of a stream, and in rooms
     * @param {boolean | undefined} [about.retryable]
     * @param {number | undefined} [about.retryAfter] seconds
     * @param {string | undefined} [about.param] the field that is wrong
     * @param {string | undefined} [about.requestId]
     * @param {readonly {path: string, code: string, message: string}[] | undefined} [about.details]
     */
    constructor(code, message, { status, retryable = false, retryAfter, param, requestId, details = [] } = {}) {
        super(message);
        this.code = code;
        this.status = status;
        this.retryable = retryable;
        this.retryAfter = retryAfter;
        this.param = param;
        this.requestId = requestId;
        this.details = details;
    }
}
/** A room cannot be watched, or no longer, and coming back would not help. */
export class LinkRefused extends ClientError {
    /**
     * @param {string} message
     * @param {object} [about]
     * @param {"deleted" | "left" | undefined} [about.code] somebody deleted the room, or this client left it
     * @param {number | undefined} [about.close] the code with which the server ended the connection
     */
    constructor(message, { code, close } = {}) {
        super(message);
        this.code = code;
        this.close = close;
    }
}
