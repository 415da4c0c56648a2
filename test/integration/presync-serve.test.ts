import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { UNVERIFIED_CALLERS } from "../../src/admission/index.ts";
import { digestOf } from "../../src/core/index.ts";
import { createMetrics } from "../../src/metrics/index.ts";
import { type Listening, listen } from "../../src/serve/listen.ts";
import { UNGUARDED } from "../support/admission-deps.ts";
import { createTestCertificate } from "../support/oci-certificate.ts";
import { postReview } from "../support/post-review.ts";
import {
  anApplication,
  deployment,
  type PresyncWorld,
  putHook,
  startPresyncWorld,
  TOKEN,
} from "../support/presync-world.ts";
import { type McFolder, mcFolder, type Outcome } from "../support/run-mc.ts";
import { toldImage } from "../support/told-image.ts";

const APP = `registry.example/team/app@${digestOf("app")}`;
let world: PresyncWorld;
let servers: Listening;
let folder: McFolder;
let ca: string;

beforeEach(async () => {
  world = await startPresyncWorld();
  world.argo.render = () => [deployment(APP)];
  const { cert, key, ...issued } = await createTestCertificate();
  ca = issued.ca;
  const metrics = createMetrics();
  servers = await listen({
    admission: {
      gate: world.deps.verdict.gate,
      callers: UNVERIFIED_CALLERS,
      modeOf: () => undefined,
      workloads: [],
      guard: UNGUARDED,
      observe: metrics.decision,
      inFlight: metrics.inFlight,
      observeUnread: () => undefined,
      shed: metrics.shed,
    },
    sync: world.deps,
    certificate: { current: () => ({ cert, key }), onChange: () => undefined, close: () => undefined },
    metrics,
    missing: () => [],
    address: "127.0.0.1",
    port: 0,
    probePort: 0,
  });
  folder = mcFolder();
  folder.write("ca.pem", ca);
  folder.write("token", TOKEN);
});
afterEach(async () => {
  folder.remove();
  await servers.close();
  await world.close();
});

/** The hook, which waits as many seconds for what is not known yet. */
function hook(seconds = 60): Promise<Outcome> {
  const gate = `https://127.0.0.1:${servers.port}`;
  const files = ["--ca-file", "ca.pem", "--token-file", "token", "--termination-log", ""];
  return folder.mc(["presync", "--gate", gate, ...files, "--timeout", String(seconds)]);
}

describe("the hook and the gate", () => {
  it("agree on what is allowed", async () => {
    expect(await hook()).toMatchObject({ code: 0, stdout: "allowed: 1 image(s) checked\n" });
  });

  it("agree on what is refused, and the person sees image, code and fix", async () => {
    world.against.set(APP, "finding");
    const { code, stdout } = await hook();
    expect(code).toBe(10);
    expect(stdout).toContain(toldImage(APP));
    expect(stdout).toContain("[signature/missing]\nDo: Sign the digest");
  });

  it("let a waiver count that was granted between two attempts", async () => {
    world.against.set(APP, "finding");
    expect((await hook()).code).toBe(10);
    world.against.delete(APP);
    expect((await hook()).code).toBe(0);
  });

  it("agree that a copied tracking id says nothing", async () => {
    world.argo.applications.set("argocd/other", anApplication({ state: { phase: "Succeeded" } }));
    putHook(world.api, "other:batch/Job:shop/mc-presync");
    expect((await hook(1)).code).toBe(11);
  });

  it("stand beside the webhooks on one server", async () => {
    const url = `https://127.0.0.1:${servers.port}/validate/operation?timeout=10s`;
    const { code } = await postReview(url, ca, {});
    expect(code).toBe(400);
  });
});
