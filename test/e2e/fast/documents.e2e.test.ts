import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { aPod, aReview } from "../../support/review.ts";
import type { Cluster } from "../support/cluster.ts";
import {
  attestImage,
  generateKeyPair,
  type KeyPair,
  signImage,
  type Signer,
  slsaProvenance,
} from "../support/cosign.ts";
import { type GateProcess, type Replica, startGate, startReplica } from "../support/gate.ts";
import { GITHUB_ISSUER, subjectOf } from "../support/identities.ts";
import { pushText } from "../support/images.ts";
import { dismiss, employ, SECURITY } from "../support/people.ts";
import { policyText } from "../support/policies.ts";
import { eventually } from "../support/process.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { apply, cluster } from "../support/scenario.ts";
import { type SigstoreServer, startSigstore } from "../support/sigstore.ts";

const IDENTITY = { repository: "acme/app" };
const NAMESPACE = "documents";
const LABEL = "mc-gate-documents";
const EDITOR = {
  apiGroups: [""],
  resources: ["configmaps", "namespaces"],
  verbs: ["get", "patch", "update", "create"],
};
/** A second, and the time that kubectl itself takes. */
const SOON_MS = 1_500;

function applyWaivers(text: string, user: string): ReturnType<Cluster["kubectl"]> {
  const metadata = { name: "mc-gate-waivers", namespace: "mc-gate" };
  const data = { "waivers.yaml": text };
  return apply({ apiVersion: "v1", kind: "ConfigMap", metadata, data }, `--as=${user}`);
}

/** The answer of the replica behind the webhook, by kubectl. */
function start(image: string): ReturnType<Cluster["kubectl"]> {
  const spec = { containers: [{ name: "web", image }] };
  const metadata = { name: "web", namespace: NAMESPACE };
  return apply({ apiVersion: "v1", kind: "Pod", metadata, spec }, "--dry-run=server");
}

/** What becomes of the documents that people write: on the API server, on two replicas, by people with few rights. */
describe("policy, waivers and revocations on a real API server", () => {
  let sigstore: SigstoreServer;
  let keys: KeyPair;
  let registry: RegistryServer;
  let gate: GateProcess;
  let replica: Replica;
  let signed: string;
  let unsigned: string;

  beforeAll(async () => {
    [sigstore, keys, registry] = await Promise.all([
      startSigstore(),
      generateKeyPair(),
      startRegistry({ referrers: true }),
    ]);
    const release: Signer = { kind: "keyless", sigstore, identity: IDENTITY };
    [signed, unsigned] = [await pushText(registry.host, "signed"), await pushText(registry.host, "unsigned")];
    await signImage(signed, release, "bundle");
    await attestImage(signed, release, "bundle", slsaProvenance(IDENTITY));
    const policy = policyText({ sigstore, keys, identity: IDENTITY, images: [`${registry.host}/acme/*`] });
    const { kubectlOk } = cluster();
    await kubectlOk(["create", "namespace", NAMESPACE]);
    gate = await startGate({ cluster: cluster(), registries: [registry.host], policy });
    await kubectlOk(["label", "namespace", NAMESPACE, "mc-gate.dev/mode=enforce"]);
    replica = await startReplica({ cluster: cluster(), registries: [registry.host] });
    const [label, editor] = [LABEL, EDITOR];
    await employ(cluster(), { user: "tenant", label, rules: [editor] });
    await employ(cluster(), { user: "sam", label, rules: [editor, SECURITY] });
    await everywhere(unsigned, false);
  });
  afterAll(async () => {
    await Promise.all([gate?.stop(), replica?.stop()]);
    await Promise.all([sigstore?.stop(), keys?.stop(), registry?.stop()]);
    await dismiss(cluster(), LABEL);
    await cluster().kubectl(["delete", "namespace", NAMESPACE, "--wait=false"]);
  });

  /** The answer of the other replica. */
  async function ask(image: string): Promise<{ readonly allowed: boolean; readonly text: string }> {
    const review = aReview({ namespace: NAMESPACE, object: aPod(image) });
    const { allowed, status, warnings = [] } = await replica.ask("/validate/enforce", review);
    return { allowed, text: [status?.message ?? "", ...warnings].join(" ") };
  }

  /** Waits until both replicas say so, a second at most; gives what each said. */
  async function everywhere(image: string, allowed: boolean): Promise<readonly [string, string]> {
    const [one, other] = await Promise.all([
      eventually(`kubectl: ${allowed}`, async () => said(await start(image), allowed), SOON_MS),
      eventually(`replica: ${allowed}`, async () => wanted(await ask(image), allowed), SOON_MS),
    ]);
    return [one, other];
  }

  function waiver(id: string, kind: string, rest: string): string {
    const seats = ["release-manager", "devsecops"].map(
      (seat, at) => `{ by: ${["mia", "kim"][at]}, seat: ${seat}, at: "2026-11-23T09:00:00Z" }`,
    );
    const created = new Date(Date.now() - 60_000).toISOString();
    const digest = unsigned.split("@")[1]!;
    return `  - { id: ${id}, class: ${kind}, digest: "${digest}", owners: [team-shop], reason: The supplier signs from the next release on., requestedBy: ana, approvals: [${seats.join(", ")}], created: "${created}", ${rest} }\n`;
  }

  function both(rest: string): string {
    return `waivers:\n${waiver("W-1", "signature", rest)}${waiver("W-2", "provenance", rest)}`;
  }

  it("lets a waived image start on two replicas within a second, with the waiver's name and end", async () => {
    expect(await applyWaivers(both("ttl: 24h"), "sam")).toMatchObject({ code: 0 });
    for (const text of await everywhere(unsigned, true))
      expect(text).toMatch(/waiver W-1 \(team-shop\) admits \S+ until \d{4}-/);
    expect(await applyWaivers("waivers: []\n", "sam")).toMatchObject({ code: 0 });
    for (const text of await everywhere(unsigned, false)) expect(text).toContain("signature/missing");
  });

  it("ends a waiver on the second, by the real clock", async () => {
    const until = Math.ceil((Date.now() + 4000) / 1000) * 1000;
    expect(await applyWaivers(both(`expires: "${new Date(until).toISOString()}"`), "sam")).toMatchObject({
      code: 0,
    });
    await everywhere(unsigned, true);
    const wrong: string[] = [];
    const seen = { before: 0, after: 0 };
    while (seen.after < 5) {
      const sent = Date.now();
      const { allowed } = await ask(unsigned);
      const received = Date.now();
      if (received < until) seen.before += 1;
      if (sent >= until) seen.after += 1;
      if (received < until && !allowed) wrong.push(`refused ${until - received} ms before its end`);
      if (sent >= until && allowed) wrong.push(`allowed ${sent - until} ms after its end`);
      await sleep(20);
    }
    expect([wrong, seen.before > 5]).toEqual([[], true]);
  });

  it("refuses what a revoked signer signed, although it is cached on both and a waiver stands by", async () => {
    await everywhere(signed, true);
    const digest = signed.split("@")[1]!;
    const waivers = both("ttl: 24h").replaceAll(unsigned.split("@")[1]!, digest);
    expect(await applyWaivers(waivers, "sam")).toMatchObject({ code: 0 });
    const entry = {
      id: "REV-1",
      issuer: GITHUB_ISSUER,
      identity: subjectOf(IDENTITY),
      from: "2020-01-01T00:00:00Z",
      reason: "Its token was read by somebody else.",
      created: new Date().toISOString(),
    };
    expect(await gate.setRevocations(JSON.stringify({ revocations: [entry] }))).toMatchObject({ code: 0 });
    for (const text of await everywhere(signed, false)) expect(text).toContain("[revocation/signer");
    expect(await gate.setRevocations("revocations: []\n")).toMatchObject({ code: 0 });
    await everywhere(signed, true);
  });

  it("refuses a waiver that its editor approved, with the line, though the editor may weaken", async () => {
    const text = both("ttl: 24h").replaceAll("by: kim", "by: sam");
    const { code, stderr } = await applyWaivers(text, "sam");
    expect([code, stderr]).toEqual([1, expect.stringMatching(/waivers\.yaml:2:\d+: .*\[own-approval\]/)]);
  });

  it("refuses an edit that weakens by who has no right to, and names the right", async () => {
    expect(await applyWaivers("waivers: []\n", "sam")).toMatchObject({ code: 0 });
    const { code, stderr } = await applyWaivers(both("ttl: 24h"), "tenant");
    expect([code, stderr]).toEqual([1, expect.stringContaining("right to weaken waivers.mc-gate.dev")]);
  });

  it("lets no tenant label its namespace out, and lets the security team", async () => {
    const label = (mode: string, user: string) =>
      cluster().kubectl([
        "label",
        "namespace",
        NAMESPACE,
        `mc-gate.dev/mode=${mode}`,
        "--overwrite",
        `--as=${user}`,
      ]);
    for (const mode of ["off", "advisory"]) {
      const { code, stderr } = await label(mode, "tenant");
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining("right to lower namespacemodes.mc-gate.dev"),
      ]);
    }
    const removed = await cluster().kubectl([
      "label",
      "namespace",
      NAMESPACE,
      "mc-gate.dev/mode-",
      "--as=tenant",
    ]);
    expect(removed.code).toBe(1);
    expect(await label("advisory", "sam")).toMatchObject({ code: 0 });
    expect(await label("enforce", "tenant")).toMatchObject({ code: 0 });
  });
});

function said(
  { code, stderr }: { code: number | null; stderr: string },
  allowed: boolean,
): string | undefined {
  return (code === 0) === allowed ? stderr : undefined;
}

function wanted(
  answer: { readonly allowed: boolean; readonly text: string },
  allowed: boolean,
): string | undefined {
  return answer.allowed === allowed ? answer.text : undefined;
}
