import { beforeEach, describe, expect, it } from "vitest";

import type { Digest } from "../../src/core/index.ts";
import { useKubeFixture } from "../support/kube-fixture.ts";
import { cosignVuln, trivyReport } from "../support/predicates.ts";
import {
  attachByPromoter,
  attachSummary,
  folder,
  promoting,
  registry,
  writePolicy,
} from "../support/promoting.ts";

const SCAN = "https://cosign.sigstore.dev/attestation/vuln/v1";
const fixture = useKubeFixture();
promoting();

beforeEach(() => {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "prod" } };
  fixture().server.store.put("/api/v1/namespaces", namespace);
});

/** A pod that runs what it names. */
function put(digest: Digest): void {
  const image = `${registry().host}/team/app@${digest}`;
  fixture().server.store.put("/api/v1/namespaces/prod/pods", {
    kind: "Pod",
    metadata: { name: "web", namespace: "prod" },
    spec: { containers: [{ name: "web", image }] },
    status: { containerStatuses: [{ name: "web", imageID: image, state: { running: {} } }] },
  });
}

async function ask(command: string, within: string) {
  const by = [
    "--policy",
    "policy.yaml",
    "--registries",
    "registries.yaml",
    "--revocations-not-checked-unsafe",
  ];
  const where = ["--namespace", "prod", "--kubeconfig", fixture().server.kubeconfig, "-o", "json"];
  const { code, stdout } = await folder().mc([command, ...by, ...where, "--within", within]);
  const report = JSON.parse(stdout) as {
    forecast?: { objections: { code: string }[] }[];
    found?: { findings: { kind: string; code: string }[] }[];
  };
  const codes =
    report.forecast?.flatMap(({ objections }) => objections.map((each) => each.code)) ??
    report.found!.flatMap(({ findings }) => findings.map((each) => `${each.kind} ${each.code}`));
  return [code, codes];
}

async function summarised(): Promise<void> {
  writePolicy({ maxAge: "24h" });
  const digest = registry().pushImage("team/app");
  await attachSummary(digest, { verificationResult: "PASSED", verifiedLevels: ["SLSA_BUILD_LEVEL_1"] }, 1);
  put(digest);
}

async function scanned(): Promise<void> {
  const policy = JSON.parse(folder().read("policy.yaml")) as { rules: object[] };
  const vulnerability = { anyOf: ["promoter"], blocked: ["critical"], maxScanAge: "24h" };
  const images = [`${registry().host}/team/*`];
  const rules = [{ name: "scanned", images, require: { vulnerability } }];
  folder().write("policy.yaml", JSON.stringify({ ...policy, rules }));
  const digest = registry().pushImage("team/app");
  const predicate = cosignVuln(trivyReport([]), { finished: new Date().toISOString() });
  await attachByPromoter(digest, SCAN, { predicate, timestamps: 1 });
  put(digest);
}

describe("what passes now, looked at again as of --within", { timeout: 60_000 }, () => {
  it.each([
    ["a summary", summarised, "promotable/too-old"],
    ["a scan", scanned, "vulnerability/scan-stale"],
  ])("%s of a day is in the forecast of 48 hours, and not in that of one", async (_, arrange, reason) => {
    await arrange();
    expect(await ask("preflight", "48h")).toEqual([10, [reason]]);
    expect(await ask("preflight", "1h")).toEqual([0, []]);
    expect(await ask("audit", "48h")).toEqual([10, [`ends-soon ${reason}`]]);
    expect(await ask("audit", "1h")).toEqual([0, []]);
  });
});
