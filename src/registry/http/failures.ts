import { type Advice, Fault, type FaultCode } from "../../core/index.ts";
import { ProxyError } from "../../outbound/index.ts";
import { ADVICE } from "../advice.ts";

/** An answer's body is longer than asked for. Apart from other limits, since one attachment's writer can cause it. */
export class TooLong extends Fault {
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
/** What Node.js says of a certificate. Source: nodejs.org, "TLS (SSL)", X509 certificate error codes. */
const CERTIFICATE =
  /^(?:ERR_TLS_CERT|CERT_|DEPTH_ZERO_SELF|SELF_SIGNED_CERT|UNABLE_TO_(?:VERIFY|GET_ISSUER))/;
const CODE = /^[A-Z][A-Z0-9_]{2,60}$/;

/**
 * A failed request as a fault. The message holds the host and an error code only: error texts may carry URLs
 * that are secrets (signed storage links).
 */
export function requestFault(error: unknown, host: string, caller: AbortSignal): Fault {
  if (error instanceof Fault) return error;
  if (caller.aborted) return deadlineFault(host, error);
  if (error instanceof ProxyError)
    return new Fault("registry/unavailable", `${host} cannot be reached: ${error.message}`, { cause: error });
  if (isAbort(error))
    return new Fault("registry/unavailable", `${host} did not answer in time`, { cause: error });
  const code = errorCode(error) ?? "no code";
  if (LIMITS.includes(code))
    return new Fault("limits/exceeded", `the headers of ${host}'s answer are too large`, { cause: error });
  const unusable = code.startsWith("HPE_") || isUnparsed(error) ? "does not speak HTTP/1.1" : unasked(error);
  if (unusable !== undefined) return new Fault("registry/invalid", `${host} ${unusable}`, { cause: error });
  const options = { cause: error, ...adviceOn(code) };
  return new Fault("registry/unavailable", `${host} cannot be reached (${code})`, options);
}

/** Trying again helps with neither. */
function adviceOn(code: string): { readonly advice?: Advice } {
  if (CERTIFICATE.test(code)) return { advice: ADVICE.certificate };
  return code === "ENOTFOUND" ? { advice: ADVICE.unknownHost } : {};
}

/** The caller's time is over. */
export function deadlineFault(host: string, cause?: unknown): Fault {
  return new Fault("deadline/exceeded", `time ran out while waiting for ${host}`, { cause });
}

/** Whether a connection was lost that the next attempt may keep. */
export function isLostConnection(fault: Fault): boolean {
  return fault.code === "registry/unavailable" && LOST.includes(errorCode(fault.cause) ?? "");
}

/**
 * Whether a failure says something of what is read. It does not where the caller's time is over or the gate is
 * overloaded: what is kept of that would represent what the registry holds.
 */
export function isOfContent(error: unknown, signal: AbortSignal): error is Fault {
  return !signal.aborted && error instanceof Fault && error.code !== "limits/overloaded";
}

/** The fault that a status represents. 404 is not a fault: callers read it first. */
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

/** undici's own error for what its parser refuses; its code is absent in some builds of the parser. */
function isUnparsed(error: unknown): boolean {
  return error instanceof Error && error.name === "HTTPParserError";
}

/**
 * Answers that undici ends the connection for, and says so by the text of the error alone. RFC 9110 §15.2.1 has a client
 * take a 100 that it did not ask for; undici does not, and trying again would not help.
 */
function unasked(error: unknown): string | undefined {
  if (errorCode(error) !== "UND_ERR_SOCKET" || !(error instanceof Error)) return undefined;
  if (error.message === "bad response") return "answers 100 Continue to a request that did not ask for it";
  return error.message === "bad upgrade" ? "switches to another protocol without being asked" : undefined;
}

function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" && CODE.test(error.code) ? error.code : undefined;
}
