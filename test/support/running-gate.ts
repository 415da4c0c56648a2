import { type AdmissionDeps, UNVERIFIED_CALLERS } from "../../src/admission/index.ts";
import { composeGate, type ComposedGate, type GateOptions } from "../../src/composition/compose.ts";
import type { Mode } from "../../src/core/index.ts";
import { createMetrics, type Metrics } from "../../src/metrics/index.ts";
import { RegistrySettings } from "../../src/registry/index.ts";
import { listen } from "../../src/serve/listen.ts";
import { createLargeReader, type LargeReader } from "../../src/serve/reader/reader.ts";
import { UNGUARDED } from "./admission-deps.ts";
import { createTestCertificate } from "./oci-certificate.ts";
import type { OciRegistry } from "./oci-registry.ts";
import { type Answer, postReview } from "./post-review.ts";
import { sharedVerifier } from "./shared-verifier.ts";

/** A whole gate on loopback: the real servers, the real pipeline, documents by function call. */
export interface RunningGate extends ComposedGate {
  readonly url: string;
  readonly ca: string;
  readonly probeUrl: string;
  /** Posts a review as the API server would, and returns what it answers with. */
  readonly post: (path: string, review: unknown) => Promise<Answer>;
  readonly stop: () => Promise<void>;
}

/** What a running gate is made with. */
export interface RunningGateOptions {
  readonly registries: readonly OciRegistry[];
  readonly policy: string;
  readonly waivers?: string;
  readonly revocations?: string;
  readonly now?: () => Date;
  readonly modeOf?: (namespace: string) => Mode | undefined;
  readonly memory?: GateOptions["memory"];
  readonly limits?: GateOptions["limits"];
  readonly workloads?: AdmissionDeps["workloads"];
}

/** Room for the full number is taken at the start, and costs more than most tests. */
const CACHE_ENTRIES = 200;
const ANY_PORTS = { address: "127.0.0.1", port: 0, probePort: 0 };

/** Starts a gate. A policy or waiver text that does not parse throws: a test must not run on less than it wrote. */
export async function startGate(options: RunningGateOptions): Promise<RunningGate> {
  const { now = () => new Date(), modeOf = () => undefined } = options;
  const metrics = createMetrics();
  const composed = composeGate({
    registries: loopback(options.registries),
    publicGood: () => {
      throw new Error("tests bring their own trust roots");
    },
    now,
    sharedVerifier,
    observer: { phase: metrics.phase, cache: metrics.cache, waiting: metrics.waiting },
    ...(options.memory && { memory: options.memory }),
    limits: { cacheEntries: CACHE_ENTRIES, ...options.limits },
  });
  accept(composed.policy.offer(options.policy));
  accept(composed.waivers.offer(options.waivers ?? "waivers: []"));
  accept(composed.revocations.offer(options.revocations ?? "revocations: []"));
  const { ca, ...pair } = await createTestCertificate();
  const certificate = { current: () => pair, onChange: () => undefined, close: () => undefined };
  const reader = createLargeReader();
  const admission = admissionOf(composed, { metrics, modeOf, reader, workloads: options.workloads ?? [] });
  const servers = await listen({
    admission,
    certificate,
    metrics,
    missing: () => [],
    ...ANY_PORTS,
  });
  const url = `https://127.0.0.1:${servers.port}`;
  return {
    ...composed,
    url,
    ca,
    probeUrl: `http://127.0.0.1:${servers.probePort}`,
    post: (path, review) => postReview(`${url}${withTimeout(path)}`, ca, review),
    stop: async () => {
      for (const each of [servers, composed, reader]) await each.close();
    },
  };
}

/** As long as the API server waits at the most, where a test says nothing: a busy machine may need it. */
function withTimeout(path: string): string {
  return path.includes("?") ? path : `${path}?timeout=30s`;
}

function admissionOf(
  { gate }: ComposedGate,
  {
    metrics,
    reader,
    ...rest
  }: { metrics: Metrics; reader: LargeReader } & Pick<AdmissionDeps, "modeOf" | "workloads">,
): AdmissionDeps {
  const { decision, inFlight, shed } = metrics;
  return {
    gate,
    callers: UNVERIFIED_CALLERS,
    ...rest,
    readLarge: (namespace, ...input) => reader.runFor(namespace, "readWorkload", ...input),
    guard: UNGUARDED,
    observe: decision,
    inFlight,
    observeUnread: () => undefined,
    shed,
  };
}

function loopback(registries: readonly OciRegistry[]): RegistrySettings {
  const hosts = registries.map(({ host }) => [host, { plainHttpUnsafe: true, allowLoopbackUnsafe: true }]);
  return RegistrySettings.parse({ hosts: Object.fromEntries(hosts) });
}

function accept(problems: readonly { readonly line: number; readonly message: string }[]): void {
  if (problems.length > 0)
    throw new Error(problems.map(({ line, message }) => `line ${line}: ${message}`).join("\n"));
}
