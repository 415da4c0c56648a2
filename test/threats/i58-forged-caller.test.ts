import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { AdmissionDeps } from "../../src/admission/index.ts";
import { createMetrics, type Metrics } from "../../src/metrics/index.ts";
import { serveCallers } from "../../src/serve/callers.ts";
import { type Listening, listen } from "../../src/serve/listen.ts";
import { UNGUARDED } from "../support/admission-deps.ts";
import { type ClientAuthority, createClientAuthority } from "../support/client-certificates.ts";
import { createTestCertificate } from "../support/oci-certificate.ts";
import { postJson, type Reply } from "../support/post-json.ts";
import { type AdmissionAnswer } from "../support/post-review.ts";
import { type PresyncWorld, startPresyncWorld } from "../support/presync-world.ts";
import { aPod, aReview } from "../support/review.ts";

const SILENT = { warn: () => undefined, error: () => undefined };
const PATHS = ["/validate/enforce", "/validate/advisory", "/guard", "/guard/off", "/validate/operation"];

let authority: ClientAuthority;
let folder: string;
let world: PresyncWorld;
let metrics: Metrics;
let servers: Listening;
let ca: string;
/** What was asked of anything behind the port. */
let used: string[];
let closeAuthorities: () => void;

beforeEach(async () => {
  authority = await createClientAuthority();
  folder = mkdtempSync(join(tmpdir(), "mc-58-"));
  const caFile = join(folder, "ca.crt");
  writeFileSync(caFile, authority.pem);
  const { cert, key, ...issued } = await createTestCertificate();
  ({ ca } = issued);
  metrics = createMetrics();
  const settings = { callers: { caFile, allowedNames: ["front-proxy-client"] } };
  const { callers, clientAuthorities, close } = serveCallers({
    settings,
    metrics: metrics.callers,
    log: SILENT,
  });
  closeAuthorities = close;
  used = [];
  world = await startPresyncWorld({ callers, argoCds: watched("argocd", []) });
  servers = await listen({
    admission: watched("admission", { ...admissionDeps(metrics), callers }),
    sync: world.deps,
    certificate: { current: () => ({ cert, key }), onChange: () => undefined, close: () => undefined },
    clientAuthorities,
    metrics,
    missing: () => [],
    address: "127.0.0.1",
    port: 0,
    probePort: 0,
  });
});
afterEach(async () => {
  await servers.close();
  await world.close();
  closeAuthorities();
  rmSync(folder, { recursive: true, force: true });
});

/** Notes each use of a dependency but the one that says who calls. */
function watched<T extends object>(name: string, deps: T): T {
  return new Proxy(deps, {
    get: (target, key) => {
      if (key !== "callers" && used !== undefined) used.push(`${name}.${String(key)}`);
      return Reflect.get(target, key) as unknown;
    },
  });
}

function admissionDeps({ decision, inFlight, shed }: Metrics): Omit<AdmissionDeps, "callers"> {
  return {
    gate: {
      admit: ({ mode }) =>
        Promise.resolve({ decision: "allow", mode: mode(), objections: [], waived: [], judged: [] }),
    },
    modeOf: () => "enforce",
    workloads: [],
    guard: UNGUARDED,
    observe: decision,
    inFlight,
    observeUnread: () => undefined,
    shed,
  };
}

function post(path: string, certificate?: { cert: string; key: string }, padding = ""): Promise<Reply> {
  const body = JSON.stringify({ ...(aReview({ object: aPod("registry.example/a/b") }) as object), padding });
  const agent = new Agent({ keepAlive: false, ca, ...certificate });
  return postJson({ url: `https://127.0.0.1:${servers.port}${path}`, body, agent });
}

async function scraped(pattern: RegExp): Promise<string[]> {
  return (await metrics.render()).text.split("\n").filter((line) => pattern.test(line));
}

describe("I58: a forged caller of the webhooks", () => {
  it.each(PATHS)("without a certificate is refused by %s, and nothing behind it is asked", async (path) => {
    used = [];
    const { status, text } = await post(path);
    expect([status, text]).toEqual([401, expect.stringContaining("no client certificate [no-certificate]")]);
    expect([used, world.asked, world.api.requests, world.records, world.counted]).toEqual([
      [],
      [],
      [],
      [],
      [],
    ]);
    expect(await scraped(/^mc_gate_(admission_requests|sync_requests)_total\{.* [1-9]/)).toEqual([]);
    expect(await scraped(/^mc_gate_callers_refused_total.* 1$/)).toEqual([
      'mc_gate_callers_refused_total{reason="no-certificate"} 1',
    ]);
  });

  it.each(["wrong-name", "untrusted-certificate"])(
    "is refused with a certificate that is %s",
    async (reason) => {
      const forged = reason === "wrong-name" ? authority : await createClientAuthority();
      used = [];
      const { status, text } = await post("/validate/enforce", await forged.issue({ subject: "CN=someone" }));
      expect([status, text, used]).toEqual([401, expect.stringContaining(`[${reason}]`), []]);
    },
  );

  it("is refused before its body is read", async () => {
    const answer = post("/validate/enforce", undefined, "x".repeat(16 * 1024 * 1024));
    await expect(
      answer.then(
        ({ status }) => status,
        () => 401,
      ),
    ).resolves.toBe(401); // not 413
    expect(await scraped(/^mc_gate_admission_shed_total.* [1-9]/)).toEqual([]);
  });

  it("is told from the API server, whose decision says that its caller was verified", async () => {
    const { status, text } = await post("/validate/enforce", await authority.issue());
    const { response } = JSON.parse(text) as { response: AdmissionAnswer };
    expect([status, response.allowed, response.auditAnnotations?.["caller"]]).toEqual([
      200,
      true,
      "verified",
    ]);
    expect(await scraped(/^mc_gate_admission_requests_total\{.* [1-9]/)).toEqual([
      'mc_gate_admission_requests_total{decision="allow",mode="enforce",operation="CREATE",caller="verified"} 1',
    ]);
    expect(await scraped(/^mc_gate_callers_verified/)).toEqual(["mc_gate_callers_verified 1"]);
  });

  it("cannot use the proof of another route: hooks still answer by their tokens alone", async () => {
    expect((await post("/v1/presync")).status).toBe(401);
    expect((await post("/v1/presync", await authority.issue())).status).toBe(401);
  });
});

describe("a gate that cannot tell who calls", () => {
  it("warns at its start, counts as unverified, and marks each answer", async () => {
    const warnings: string[] = [];
    const log = { ...SILENT, warn: (text: string) => void warnings.push(text) };
    const open = createMetrics();
    const served = serveCallers({ settings: {}, metrics: open.callers, log });
    expect(warnings).toEqual([
      expect.stringContaining("any client that reaches the webhook port is trusted"),
    ]);
    expect((await open.render()).text).toContain("\nmc_gate_callers_verified 0\n");
    expect([served.callers.proof, served.clientAuthorities]).toEqual(["unverified", undefined]);
  });

  it("does not start without the authorities that it is told to trust", () => {
    const settings = { callers: { caFile: join(folder, "none.crt"), allowedNames: ["x"] } };
    expect(() => serveCallers({ settings, metrics: metrics.callers, log: SILENT })).toThrow(/callers.caFile/);
  });
});
