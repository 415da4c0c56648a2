import { type Dispatcher, request as send } from "undici";

import { type Digest, linkAbort, type OwnWork, type RegistryWork } from "../../core/index.ts";
import type { RegistryLimits } from "../settings.ts";
import { readBody } from "./body.ts";
import { requestFault } from "./failures.ts";
import type { Transport } from "./transport.ts";

/** One request of ours. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Most bytes of a 200's body. */
  readonly limit: number;
  /** By which algorithm the body of a 200 is hashed as it comes; by none where absent. */
  readonly algorithm?: "sha256" | "sha512";
  /** The caller's deadline. */
  readonly signal: AbortSignal;
  /** Whose turn it takes where more is asked of the host than runs at once; no particular one where absent. */
  readonly share?: string;
  /** Called for waits for a connection that other requests of ours hold. */
  readonly ownWork?: OwnWork | undefined;
  /** Runs the request once it has its connection. */
  readonly registryWork?: RegistryWork | undefined;
}

/** A whole answer. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; a repeated header is one text, joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty unless the status is 200. */
  readonly body: Buffer;
  /** Of the body, where one was asked for. */
  readonly digest: Digest | undefined;
  /** Where it came from in the end. */
  readonly url: URL;
}

/** Sends one request and reads the whole answer. All failures are Faults. */
export type Exchange = (request: HttpRequest) => Promise<HttpAnswer>;

/**
 * The innermost exchange: one request over the transport, in its time, no redirects, no retries. Its time starts when
 * it is sent: until then it waits for a connection that our other requests hold, which says nothing of the registry and
 * ends with the caller's time. Connecting has its own time.
 */
export function createExchange(transport: Transport, limits: RegistryLimits): Exchange {
  return async (request) => {
    const { url, method, headers, body, limit, algorithm } = request;
    const { signal, abortAfter, release } = linkAbort(request.signal);
    const onSent = whenSent(() => abortAfter(limits.requestMilliseconds));
    try {
      const response = await send(url, {
        dispatcher: transport.dispatcherFor(url).compose(onSent),
        method,
        headers: { "user-agent": "mc-gate", "accept-encoding": "identity", ...headers },
        body: body ?? null,
        signal,
      });
      return {
        status: response.statusCode,
        headers: flatten(response.headers),
        ...(await readBody(response, { limit, host: url.host, algorithm })),
        url,
      };
    } catch (error) {
      throw requestFault(error, url.host, request.signal);
    } finally {
      release();
    }
  };
}

/** Calls back when a connection takes the request. */
function whenSent(sent: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (...args) => {
        sent();
        handler.onRequestStart?.(...args);
      },
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    });
}

function flatten(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = typeof value === "string" ? value : value.join(", ");
  }
  return flat;
}
