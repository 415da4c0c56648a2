import { Fault, type FaultCode } from "../core/index.ts";

/** An answer's body is longer than asked for. Apart from other limits, since one attachment's writer can cause it. */
export class TooLarge extends Fault {
  constructor(host: string, limit: number) {
    super("limits/exceeded", `${host} sent more than ${limit} bytes`);
  }
}

const LIMITS: readonly string[] = [
  "UND_ERR_HEADERS_OVERFLOW",
  "HPE_HEADER_OVERFLOW",
  "UND_ERR_RES_EXCEEDED_MAX_SIZE",
];
const LOST: readonly string[] = [
  "UND_ERR_SOCKET",
  "ECONNRESET",
  "EPIPE",
  "ECONNREFUSED",
  "EAI_AGAIN",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
];
const CODE = /^[A-Z][A-Z0-9_]{2,60}$/;

/**
 * A failed request as a fault. The message holds the host and an error code only: error texts may carry URLs
 * that are secrets (signed storage links).
 */
export function requestFault(error: unknown, host: string, caller: AbortSignal): Fault {
  if (error instanceof Fault) return error;
  if (caller.aborted) return deadlineFault(host, error);
  if (isAbort(error))
    return new Fault("registry/unavailable", `${host} did not answer in time`, { cause: error });
  const code = errorCode(error) ?? "no code";
  if (LIMITS.includes(code))
    return new Fault("limits/exceeded", `the headers of ${host}'s answer are too large`, { cause: error });
  if (code.startsWith("HPE_"))
    return new Fault("registry/invalid", `${host} does not speak HTTP (${code})`, { cause: error });
  return new Fault("registry/unavailable", `${host} cannot be reached (${code})`, { cause: error });
}

/** The caller's time is over. */
export function deadlineFault(host: string, cause?: unknown): Fault {
  return new Fault("deadline/exceeded", `time ran out while waiting for ${host}`, { cause });
}

/** Whether a connection was lost that the next attempt may keep. */
export function isLostConnection(fault: Fault): boolean {
  return fault.code === "registry/unavailable" && LOST.includes(errorCode(fault.cause) ?? "");
}

/** The fault that a status stands for. 404 is no fault: callers read it first. */
export function statusFault(host: string, status: number): Fault {
  return new Fault(statusCode(status), `${host} answered HTTP ${status}`);
}

function statusCode(status: number): FaultCode {
  if (status === 401 || status === 403) return "registry/forbidden";
  if (status === 429) return "registry/rate-limited";
  return status >= 500 ? "registry/unavailable" : "registry/invalid";
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}

function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" && CODE.test(error.code) ? error.code : undefined;
}
