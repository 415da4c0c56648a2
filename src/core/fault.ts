import { FAULTS, type FaultCode } from "./fault-codes.ts";
import type { Advice } from "./reason-codes.ts";

/**
 * "We could not know": thrown anywhere on the way to a verdict. Never "unsigned", never cached as a
 * success, never waived.
 */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly code: FaultCode;
  /** What to do, where the cause says more than the code. */
  readonly advice?: Advice;

  constructor(code: FaultCode, message: string, options?: ErrorOptions & { readonly advice?: Advice }) {
    super(message, options);
    this.code = code;
    if (options?.advice !== undefined) this.advice = options.advice;
  }

  /** Whether the same request may succeed later with nothing changed. */
  get retryable(): boolean {
    return FAULTS[this.code].retry;
  }
}

/** `error` itself where it is a fault, else a fault `internal/unexpected` with it as cause. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const message =
    error instanceof Error ? `${error.name}: ${error.message}` : "a value that is not an Error was thrown";
  return new Fault("internal/unexpected", message.slice(0, 300), { cause: error });
}
