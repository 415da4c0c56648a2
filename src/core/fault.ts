import { FAULTS, type FaultCode } from "./fault-codes.ts";

/**
 * "We could not know": thrown anywhere on the way to a verdict. Never "unsigned", never cached as a
 * success, never waived.
 */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
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
