import { X509Certificate } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { issueLeaf } from "../../../src/server/issue-certificates.ts";
import { playCertManager } from "../support/cert-manager.ts";
import { makeAuthority, makeServingCertificate } from "../support/certificates.ts";
import { type GateRelease, podOf, prepareRelease, RELEASE } from "../support/gate-release.ts";
import { nodePrograms } from "../support/node-programs.ts";
import { eventually } from "../support/process.ts";
import { cluster, nodeObstacle } from "../support/scenario.ts";
import { applySecret, dataOf } from "../support/secrets.ts";

const NAMES = [`${RELEASE}.${RELEASE}.svc`];
const DAY_MS = 24 * 3_600_000;
/** The kubelet brings a Secret to its pods with their next sync, which comes at once where a pod changes. */
const PROPAGATION_MS = 60_000;

async function pods(path: string): Promise<readonly string[]> {
  const ours = ["-l", "app.kubernetes.io/name=mc-gate", "--field-selector", "status.phase=Running"];
  const listed = await cluster().kubectlOk(["-n", RELEASE, "get", "pods", ...ours, "-o", `jsonpath=${path}`]);
  return listed.split(" ").filter((each) => each !== "");
}

/** Waits until every replica serves with this certificate. */
async function served(certificate: string): Promise<void> {
  const { inside } = nodePrograms(cluster().kubeconfig);
  const wanted = new X509Certificate(certificate).fingerprint256.replaceAll(":", "");
  const print =
    "openssl s_client -connect $each:8443 < /dev/null 2> /dev/null | openssl x509 -noout -sha256 -fingerprint || true";
  await eventually(
    "both replicas to serve the new certificate",
    async () => {
      const addresses = await pods("{.items[*].status.podIP}");
      const shown = await inside(`for each in ${addresses.join(" ")}; do ${print}; done`);
      const found = shown.replaceAll(":", "").split(wanted).length - 1;
      return found === addresses.length && found === 2 ? true : undefined;
    },
    PROPAGATION_MS,
  );
}

async function toPods(): Promise<void> {
  const note = `e2e/secret=${Date.now()}`;
  for (const name of await pods("{.items[*].metadata.name}"))
    await cluster().kubectlOk(["-n", RELEASE, "annotate", "pod", name, note, "--overwrite"]);
}

describe.skipIf(nodeObstacle)("a certificate that is renewed under load", () => {
  let gate: GateRelease;

  beforeEach(({ skip }) =>
    skip(process.env["E2E_KUBECONFIG"] !== undefined, "what a replica serves is seen from inside the node"),
  );
  beforeAll(async () => {
    gate = await prepareRelease(cluster(), "certificates");
    const installed = await gate.helm("install", "--create-namespace");
    if (installed.code !== 0) throw new Error(installed.stderr);
  });
  afterAll(async () => {
    await gate?.stop();
    await cluster().kubectl(["delete", "crd", "-l", "app=mc-gate-e2e", "--ignore-not-found"]);
  });

  async function enforced(): Promise<void> {
    await eventually("enforcement", async () => {
      const { stderr } = await gate.apply(podOf("probe", gate.unsigned, "certificates"), "--dry-run=server");
      return stderr.includes("[signature/missing") ? true : undefined;
    });
  }

  async function upgrade(...flags: readonly string[]): Promise<void> {
    // The gate has written caBundle, which another mode takes from it.
    const { code, stderr } = await gate.helm("upgrade", "--force-conflicts", ...flags);
    expect([code, stderr]).toEqual([0, expect.any(String)]);
  }

  it("by the gate itself, leaf and then authority, loses no review", async () => {
    const secret = `${RELEASE}-tls`;
    await enforced();
    /** Waits for a certificate in the Secret that is none of these. */
    const another = async (...old: readonly string[]): Promise<string> =>
      eventually("another certificate", async () => {
        const { "tls.crt": found } = await dataOf(cluster(), secret);
        return old.includes(found!) ? undefined : found;
      });
    const wrong = await gate.underLoad(async () => {
      const first = await dataOf(cluster(), secret);
      const authority = { cert: first["ca.crt"]!, key: first["ca.key"]! };
      const ending = await issueLeaf(authority, NAMES, new Date(Date.now() - 80 * DAY_MS));
      await applySecret(cluster(), secret, { "tls.crt": ending.cert, "tls.key": ending.key });
      const renewed = await another(first["tls.crt"]!, ending.cert);
      await served(renewed);
      expect((await dataOf(cluster(), secret))["ca.crt"]).toBe(authority.cert);
      const foreign = await makeServingCertificate(NAMES);
      await applySecret(cluster(), secret, { "tls.crt": foreign.certificate, "tls.key": foreign.key });
      await served(await another(renewed, foreign.certificate));
      expect((await dataOf(cluster(), secret))["ca.crt"]).not.toBe(authority.cert);
    });
    expect(wrong).toEqual([]);
  });

  it("in a Secret of one's own loses no review", async () => {
    const authority = await makeAuthority();
    const put = async (): Promise<string> => {
      const { certificate, key } = await authority.issue(NAMES);
      await applySecret(cluster(), "own-tls", { "tls.crt": certificate, "tls.key": key });
      return certificate;
    };
    const first = await put();
    const own = { mode: "provided", secretName: "own-tls", caBundle: authority.certificate };
    await upgrade("--set-json", `certificate=${JSON.stringify(own)}`);
    await served(first);
    await enforced();
    const wrong = await gate.underLoad(async () => {
      const second = await put();
      await toPods();
      await served(second);
    });
    expect(wrong).toEqual([]);
  });

  it("by cert-manager's steps, leaf and then authority, loses no review", async () => {
    const manager = await playCertManager(cluster(), RELEASE);
    const first = await manager.issue(`${RELEASE}-tls`, NAMES);
    await upgrade("--set", "certificate.mode=certManager");
    await manager.inject();
    await served(first);
    await enforced();
    const wrong = await gate.underLoad(async () => {
      const second = await manager.renew();
      await toPods();
      await served(second);
      await manager.renewAuthority();
      const third = await manager.renew();
      await manager.inject();
      await pause(3000); // the API server trusts the new authority alone, and replicas serve what the old one issued
      await toPods();
      await served(third);
    });
    expect(wrong).toEqual([]);
  });
});
