import { printable, type Rejection } from "../core/index.ts";

const MAX_MESSAGE = 200;

/** An attachment is not evidence, and why. Thrown inside this folder only; becomes a Rejection at its face. */
export class Rejected extends Error {
  override readonly name = "Rejected";
  readonly reason: Rejection["reason"];

  constructor(reason: Rejection["reason"], message: string, options?: ErrorOptions) {
    super(printable(message, MAX_MESSAGE), options);
    this.reason = reason;
  }
}

/**
 * Any throw as a rejection: the verification library answers hostile input with errors of many kinds (TypeError,
 * ASN1ParseError, SyntaxError, OpenSSL errors), and none of them may read as anything but "no".
 */
export function asRejected(error: unknown, reason: Rejection["reason"] = "invalid"): Rejected {
  if (error instanceof Rejected) return error;
  const message = error instanceof Error ? error.message : "an unreadable failure";
  return new Rejected(reason, message, { cause: error });
}
