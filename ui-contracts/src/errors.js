/** What can go wrong for a client, sorted by what its caller can do about it. */

/** Anything that a client throws; its message is for people. `retryable`: the same request may work later. */
export class ClientError extends Error {
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

/** The server took longer than this client was told to wait. */
export class TimedOut extends ClientError {
  retryable = true;
}

/** The server answered with an error. */
export class ErrorAnswer extends ClientError {
  /**
   * @param {string} code which one, such as "not_found"; "http_" and the status for an answer that does not say
   * @param {string} message
   * @param {{status?: number, retryable?: boolean, retryAfter?: number, param?: string, requestId?: string}} [about]
   *   `status` is absent in the middle of a stream; `retryAfter` is in seconds
   */
  constructor(code, message, { status, retryable = false, retryAfter, param, requestId } = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.retryable = retryable;
    this.retryAfter = retryAfter;
    this.param = param;
    this.requestId = requestId;
  }
}

/** An answer that had begun did not come to its end. It is not asked for again: the agent would say something else. */
export class BrokenAnswer extends ClientError {
  retryable = true;
}

/** What came is not an answer: this is no Salon server, or something between changes what it says. */
export class UnreadableAnswer extends ClientError {}
