/** What can go wrong for the completions client; what it has in common with the rooms' is there. */
import { ClientError, ErrorAnswer, Unreachable } from "./client/errors.js";

export { ClientError, ErrorAnswer, Unreachable };

/** The server took longer than this client was told to wait. */
export class TimedOut extends ClientError {
  retryable = true;
}

/** An answer that had begun did not come to its end. It is not asked for again: the agent would say something else. */
export class BrokenAnswer extends ClientError {
  retryable = true;
}

/** What came is not an answer: this is no Salon server, or something between changes what it says. */
export class UnreadableAnswer extends ClientError {}
