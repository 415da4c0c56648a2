import { readFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { eachAtMost } from "../../../src/core/index.ts";
import { generateKeyPair, type KeyPair, signImage } from "../support/cosign.ts";
import { type GateProcess, startGate } from "../support/gate.ts";
import { pushText } from "../support/images.ts";
import { keyPolicy } from "../support/policies.ts";
import { eventually } from "../support/process.ts";
import { type PromotionWorld, promotionWorld } from "../support/promotions.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { apply, cluster } from "../support/scenario.ts";
import { objectsOf, WORKLOAD_KINDS } from "../support/workloads.ts";

const COUNT = 500;
/** Namespaces before they enforce, with the label that each has. */
const NAMESPACES = { "pf-off": "off", "pf-advisory": "advisory", "pf-bare": undefined } as const;
const NAMES = Object.keys(NAMESPACES) as (keyof typeof NAMESPACES)[];

interface Workload {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
}

interface Judged {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly outcome: string;
}

const keyOf = ({ namespace, kind, name }: Omit<Judged, "outcome">): string => `${namespace} ${kind} ${name}`;

/** Objects in one call of kubectl, whose start takes longer than what it asks. */
const AT_ONCE = 50;

/** Those that the API server admits once more, by server-side dry run; each of the others is refused by the gate. */
async function admittedOf(workloads: readonly Workload[]): Promise<ReadonlySet<string>> {
  const batches = Array.from({ length: Math.ceil(workloads.length / AT_ONCE) }, (_, at) =>
    workloads.slice(at * AT_ONCE, (at + 1) * AT_ONCE),
  );
  const admitted = new Set<string>();
  await eachAtMost(4, batches, async (batch) => {
    const items = batch.map((each) => objectsOf(each.kind, { ...each, name: `${each.name}-again` }));
    const { stdout, stderr } = await cluster().kubectl(
      ["create", "--dry-run=server", "-o", "name", "-f", "-"],
      { stdin: JSON.stringify({ apiVersion: "v1", kind: "List", items }), timeoutMs: 300_000 },
    );
    const names = new Set(stdout.split("\n").map((line) => line.slice(line.indexOf("/") + 1)));
    const passed = batch.filter(({ name }) => names.has(`${name}-again`));
    const errors = stderr.split("\n").filter((line) => line.startsWith("Error from server"));
    const ours = errors.filter((line) => line.includes("enforce.mc-gate.dev"));
    if (errors.length !== ours.length || passed.length + ours.length !== batch.length)
      throw new Error(stderr.slice(0, 2_000));
    for (const each of passed) admitted.add(keyOf(each));
  });
  return admitted;
}

describe("mc preflight on a real API server", () => {
  let keys: KeyPair;
  let registry: RegistryServer;
  let gate: GateProcess;
  let world: PromotionWorld;
  let workloads: readonly Workload[];

  beforeAll(async () => {
    [keys, registry] = await Promise.all([generateKeyPair(), startRegistry({ referrers: true })]);
    const signed = await pushText(registry.host, "preflight signed");
    const unsigned = await pushText(registry.host, "preflight unsigned");
    const waived = await pushText(registry.host, "preflight waived");
    await signImage(signed, { kind: "key", keys }, "bundle");
    const images = [
      signed,
      unsigned,
      waived,
      signed.replace(/@.*/, ":latest"),
      `${registry.host}/acme/none@sha256:${"0".repeat(64)}`, // nothing is there
      "127.0.0.1:1/acme/down@sha256:" + "1".repeat(64), // a registry that does not answer
    ];
    const policy = keyPolicy(readFileSync(keys.publicKey, "utf8"), ["**"]);
    const created = new Date(Date.now() - 60_000).toISOString();
    const waiver = {
      id: "WA-1",
      class: "signature",
      digest: waived.slice(waived.indexOf("@") + 1),
      reason: "It is signed by its next release, this week.",
      owners: ["team-shop"],
      created,
      ttl: "24h",
      approvals: [
        { by: "mia", seat: "release-manager", at: created },
        { by: "sam", seat: "devsecops", at: created },
      ],
    };
    const waivers = JSON.stringify({ waivers: [waiver] });
    world = await promotionWorld([registry.host]);
    world.write("policy.yaml", policy);
    world.write("waivers.yaml", waivers);
    world.write("revocations.yaml", "revocations: []\n");
    const { kubectlOk } = cluster();
    for (const name of NAMES) {
      await kubectlOk(["create", "namespace", name]);
      const mode = NAMESPACES[name];
      if (mode !== undefined) await kubectlOk(["label", "namespace", name, `mc-gate.dev/mode=${mode}`]);
    }
    workloads = Array.from({ length: COUNT }, (_, at) => ({
      kind: WORKLOAD_KINDS[at % WORKLOAD_KINDS.length]!,
      name: `w-${at}`,
      namespace: NAMES[at % NAMES.length]!,
      image: images[at % images.length]!,
    }));
    const items = workloads.map((each) => objectsOf(each.kind, each));
    const made = await apply({ apiVersion: "v1", kind: "List", items });
    if (made.code !== 0) throw new Error(made.stderr.slice(0, 2_000));
    gate = await startGate({ cluster: cluster(), registries: [registry.host], policy, waivers });
  }, 600_000);
  afterAll(async () => {
    await gate?.stop();
    for (const name of NAMES) await cluster().kubectl(["delete", "namespace", name, "--wait=false"]);
    await Promise.all([world?.stop(), keys?.stop(), registry?.stop()]);
  });

  it("agrees, workload by workload, with what enforcement then refuses", { timeout: 900_000 }, async () => {
    const by = ["--policy", "policy.yaml", "--waivers", "waivers.yaml", "--revocations", "revocations.yaml"];
    const how = ["--registries", "registries.yaml", "--kubeconfig", cluster().kubeconfig, "-o", "json"];
    const { code, stdout, stderr } = await world.mc([
      "preflight",
      ...by,
      ...how,
      ...NAMES.flatMap((name) => ["--namespace", name]),
    ]);
    if (stdout === "") throw new Error(stderr);
    const report = JSON.parse(stdout) as {
      counts: Record<string, number>;
      workloads: Judged[];
      forecast: Judged[];
      notSeen: object[];
    };
    expect([code, report.notSeen]).toEqual([10, []]);
    const foretold = new Map(report.workloads.map((each) => [keyOf(each), each.outcome]));
    expect(workloads.filter((each) => !foretold.has(keyOf(each)))).toEqual([]);

    for (const name of NAMES)
      await cluster().kubectlOk(["label", "--overwrite", "namespace", name, "mc-gate.dev/mode=enforce"]);
    const refuses = objectsOf("Deployment", { ...workloads[1]!, name: "probe" });
    await eventually("enforcement", async () => {
      const codes = await Promise.all(
        NAMES.map((namespace) =>
          apply({ ...(refuses as object), metadata: { name: "probe", namespace } }, "--dry-run=server"),
        ),
      );
      return codes.every((each) => each.code === 1) ? true : undefined;
    });
    const admitted = await admittedOf(workloads);
    const differing = workloads
      .filter((each) => admitted.has(keyOf(each)) !== (foretold.get(keyOf(each)) === "allowed"))
      .map((each) => `${keyOf(each)} ${foretold.get(keyOf(each))}`);
    expect(differing).toEqual([]);
    const outcomes = workloads.map((each) => foretold.get(keyOf(each))!);
    for (const outcome of ["allowed", "refused", "unknown"])
      expect(outcomes.filter((each) => each === outcome).length).toBeGreaterThan(80);
    const waived = workloads.filter((_, at) => at % 6 === 2).map(keyOf);
    expect(report.forecast.map(keyOf).toSorted()).toEqual(waived.toSorted());
  });

  it(
    "leaves out the gate's own namespace, and judges one without a label",
    { timeout: 300_000 },
    async () => {
      const args = ["--policy", "policy.yaml", "--revocations", "revocations.yaml", "-o", "json", "--all"];
      const how = ["--registries", "registries.yaml", "--kubeconfig", cluster().kubeconfig];
      const { stdout } = await world.mc(["preflight", ...args, ...how]);
      const { namespaces, workloads: judged } = JSON.parse(stdout) as {
        namespaces: { name: string; leftOut?: string }[];
        workloads: Judged[];
      };
      expect(namespaces).toContainEqual({ name: "mc-gate", leftOut: "exempt" });
      expect(judged.filter(({ namespace }) => namespace === "mc-gate")).toEqual([]);
      expect(judged.filter(({ namespace }) => namespace === "pf-bare").length).toBeGreaterThan(100);
    },
  );
});
