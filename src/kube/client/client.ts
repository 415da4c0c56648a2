import { type Dispatcher, request as send } from "undici";

import { boundedBytes, type PartPath, readJson, readJsonParts } from "../../core/index.ts";
import { asKubeError, KubeError, refusal } from "./kube-error.ts";
import { createTransport, type AuthenticatedEndpoint } from "./transport.ts";

const DEADLINE_MS = 10_000;
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_BYTES_OF_A_REFUSAL = 64 * 1024;
/** Characters above which JSON is read in another thread: anyone who writes objects chooses what reading them costs. */
const LARGE = 256 * 1024;

/** One call of the API server. */
interface KubeCall {
  /** GET where absent. */
  readonly method?: "GET" | "POST" | "PUT" | "PATCH";
  /** Of `resourcePath`, so that no name can lead elsewhere. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** `application/json` where absent; a PATCH says by it what kind of patch it is. */
  readonly contentType?: string;
  readonly accept?: string;
  /** 10 seconds where absent; the whole call, body included. */
  readonly deadlineMs?: number;
  /** See `read` of KubeClient. */
  readonly parts?: readonly PartPath[];
}

/** A watch's bytes as they come; ends by error `UND_ERR_BODY_TIMEOUT` where nothing comes for `silenceMs`. */
interface KubeStream {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly accept?: string;
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/** The API server of one cluster: shared connections, a deadline for each call, bounded answers. */
export interface KubeClient {
  /** Namespace of the pod, or of the kubeconfig's context. */
  readonly namespace: string | undefined;
  /** The JSON value of an answer with status 2xx. Rejects with KubeError otherwise. */
  readonly call: (call: KubeCall) => Promise<unknown>;
  /** The body of an answer with status 200, as it comes. Rejects with KubeError otherwise. */
  readonly stream: (stream: KubeStream) => Promise<AsyncIterable<unknown>>;
  /**
   * JSON that the API server sent as a value with these parts alone, all of it where absent; undefined where it is none. A long
   * text is read, where only parts are wanted, in another thread. Rejects with faults.
   */
  readonly read: (json: string, parts?: readonly PartPath[]) => Promise<unknown>;
  /** Ends everything that is under way. */
  readonly close: () => Promise<void>;
}

export interface ConnectOptions {
  /** The cluster of this pod where absent. */
  readonly kubeconfig?: string | undefined;
  /** Reads JSON in another thread, as `readJsonParts` does; in this one where absent. Rejects with faults. */
  readonly readElsewhere?: (json: string, parts: readonly PartPath[]) => Promise<unknown>;
}

/**
 * A client for the cluster of this pod, or of a kubeconfig's current context. Opens nothing yet. Throws KubeError where
 * there is neither.
 */
export function connect({ kubeconfig, readElsewhere }: ConnectOptions = {}): KubeClient {
  const transport = createTransport(kubeconfig);
  const read: KubeClient["read"] = async (json, parts) => {
    if (parts === undefined) return readJson(json);
    const isLarge = readElsewhere !== undefined && json.length > LARGE;
    return isLarge ? readElsewhere(json, parts) : readJsonParts(json, parts);
  };
  return {
    namespace: transport.namespace,
    close: transport.close,
    read,
    async call(call) {
      const doing = `${call.method ?? "GET"} ${call.path}`;
      try {
        const text = await answerTo(call, await transport.authenticate(), doing);
        const value = await read(text, call.parts);
        if (value === undefined) throw new KubeError(`${doing}: the answer is not JSON`);
        return value;
      } catch (error) {
        throw asKubeError(doing, error);
      }
    },
    async stream(stream) {
      const doing = `WATCH ${stream.path}`;
      try {
        return await open(stream, await transport.authenticate(), doing);
      } catch (error) {
        throw asKubeError(doing, error);
      }
    },
  };
}

/** The text of an answer with status 2xx. */
async function answerTo(call: KubeCall, endpoint: AuthenticatedEndpoint, doing: string): Promise<string> {
  const { method = "GET", accept = "application/json" } = call;
  const response = await send(address(endpoint, call), {
    method,
    dispatcher: endpoint.dispatcher,
    headers: { ...endpoint.headers, accept, ...contentType(call) },
    body: call.body === undefined ? null : JSON.stringify(call.body),
    signal: AbortSignal.timeout(call.deadlineMs ?? DEADLINE_MS),
  });
  const isGood = response.statusCode >= 200 && response.statusCode < 300;
  const text = await readText(response, isGood ? MAX_BYTES : MAX_BYTES_OF_A_REFUSAL, doing);
  if (!isGood) throw refusal(doing, response.statusCode, text);
  return text;
}

function contentType({ body, contentType: type = "application/json" }: KubeCall): Record<string, string> {
  return body === undefined ? {} : { "content-type": type };
}

async function open(
  stream: KubeStream,
  endpoint: AuthenticatedEndpoint,
  doing: string,
): Promise<AsyncIterable<unknown>> {
  const response = await send(address(endpoint, stream), {
    dispatcher: endpoint.dispatcher,
    headers: { ...endpoint.headers, accept: stream.accept ?? "application/json" },
    headersTimeout: DEADLINE_MS,
    bodyTimeout: stream.silenceMs,
    signal: stream.signal,
  });
  if (response.statusCode === 200) return response.body;
  throw refusal(doing, response.statusCode, await readText(response, MAX_BYTES_OF_A_REFUSAL, doing));
}

function address(
  { server }: AuthenticatedEndpoint,
  { path, query = {} }: Pick<KubeCall, "path" | "query">,
): string {
  const search = new URLSearchParams(query).toString();
  return `${server.replace(/\/$/, "")}${path}${search && `?${search}`}`;
}

async function readText({ body }: Dispatcher.ResponseData, most: number, doing: string): Promise<string> {
  const bytes = await boundedBytes(body, most);
  if (bytes === undefined) throw new KubeError(`${doing}: the answer is larger than ${most} bytes`);
  return bytes.toString("utf8");
}
