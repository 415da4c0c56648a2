import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { postReview } from "../../support/post-review.ts";
import { aPod, aReview } from "../../support/review.ts";
import { type SignedWorld, signedWorld } from "../../support/signed-world.ts";
import { type GateProcess, type Replica, startGate, startReplica } from "../support/gate.ts";
import { dismiss, employ, SECURITY } from "../support/people.ts";
import { eventually, type Outcome, run } from "../support/process.ts";
import { PROJECT } from "../support/programs.ts";
import { clusterProgram } from "../support/restart.ts";
import { apply, cluster } from "../support/scenario.ts";

const NAMESPACE = "switched";
const LABEL = "mc-gate-switched";
/** A second, and the time that a question itself takes. */
const SOON_MS = 1_500;
const WRITER = { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "patch", "update", "create"] };

/** `mc enforce` as the cluster's administrator. */
function enforce(...args: readonly string[]): Promise<Outcome> {
  const where = ["--kubeconfig", cluster().kubeconfig, "--gate-namespace", "mc-gate", "--wait", "0"];
  return run(process.execPath, [join(PROJECT, "src/cli/main.ts"), "enforce", ...args, ...where], {
    timeoutMs: 60_000,
  });
}

const WHY = ["--reason", "the gate blocks what has to run", "--ticket", "INC-7"];

/** The switches as the cluster has them. */
async function written(): Promise<string> {
  const path = "jsonpath={.data.enforcement\\.yaml}";
  return cluster().kubectlOk(["-n", "mc-gate", "get", "configmap", "mc-gate-enforcement", "-o", path]);
}

/** The notes of Events with this reason. */
async function events(reason: string): Promise<string> {
  const path = "jsonpath={range .items[*]}{.message}{'\\n'}{end}";
  return cluster().kubectlOk([
    "-n",
    "mc-gate",
    "get",
    "events",
    `--field-selector=reason=${reason}`,
    "-o",
    path,
  ]);
}

async function switchId(): Promise<string> {
  return /- id: (\S+)\n(?![^]*- id: )/.exec(await written())![1]!;
}

describe("enforcement that is switched off on a real API server", () => {
  let world: SignedWorld;
  let gate: GateProcess;
  let replica: Replica;
  let unsigned: string;
  let revoked: string;

  beforeAll(async () => {
    world = await signedWorld();
    const { host } = world.registry;
    unsigned = `${host}/acme/app@${world.registry.pushImage("acme/app")}`;
    revoked = `${host}/acme/app@${world.registry.pushImage("acme/app")}`;
    const entry = `{ id: R-1, digest: "${revoked.split("@")[1]!}", reason: "It ships live credentials.", created: 2026-11-24T00:00:00Z }`;
    const { kubectlOk } = cluster();
    await kubectlOk(["create", "namespace", NAMESPACE]);
    await kubectlOk(["label", "namespace", NAMESPACE, "mc-gate.dev/mode=enforce"]);
    gate = await startGate({
      cluster: cluster(),
      registries: [host],
      policy: world.policy,
      revocations: `revocations:\n  - ${entry}\n`,
    });
    replica = await startReplica({ cluster: cluster(), registries: [host] });
    await employ(cluster(), { user: "sam", label: LABEL, rules: [WRITER, SECURITY] });
    await employ(cluster(), { user: "tenant", label: LABEL, rules: [WRITER] });
    await everywhere(unsigned, false, 60_000); // the first look-up, on a machine that has just started all this
  });
  afterAll(async () => {
    await Promise.all([gate?.stop(), replica?.stop()]);
    await world?.registry.close();
    await dismiss(cluster(), LABEL);
    await cluster().kubectl(["-n", "mc-gate", "delete", "configmap", "mc-gate-enforcement"]);
    await cluster().kubectl(["delete", "namespace", NAMESPACE, "--wait=false"]);
  });

  /** What each of the two replicas says, asked at its own address. */
  async function answers(image: string): Promise<readonly boolean[]> {
    const review = aReview({ namespace: NAMESPACE, object: aPod(image) });
    const path = "/validate/enforce";
    const [one, other] = await Promise.all([
      postReview(`${gate.url}${path}?timeout=10s`, gate.authority, review),
      replica.ask(path, review),
    ]);
    return [one.body.response!.allowed, other.allowed];
  }

  /** Waits until both say so; how long that took, ms. */
  async function everywhere(image: string, allowed: boolean, limitMs = SOON_MS): Promise<number> {
    const began = performance.now();
    const agreed = async (): Promise<true | undefined> =>
      (await answers(image)).every((each) => each === allowed) ? true : undefined;
    await eventually(`both replicas: ${allowed}`, agreed, limitMs);
    return performance.now() - began;
  }

  /** It is logged a moment after it is in force. */
  function logged(message: string): Promise<true> {
    return eventually(
      message,
      () => Promise.resolve(gate.log().includes(message) ? true : undefined),
      SOON_MS,
    );
  }

  /** The moments of one switch that both replicas recorded, each in its own chain. */
  function recorded(id: string): unknown[] {
    return [gate, replica].map((each) =>
      each
        .log()
        .split("\n")
        .filter((line) => line.includes('"msg":"switch"'))
        .map((line) => JSON.parse(line))
        .filter((line) => line.switch === id)
        .map(({ change, ticket, record }) => [change, ticket, typeof record.previous]),
    );
  }

  it("says by --dry-run that it would, and changes nothing", async () => {
    const { code, stderr } = await enforce("off", "--for", "15m", ...WHY, "--dry-run");
    expect([code, stderr]).toEqual([0, expect.stringContaining("Dry run")]);
    expect(await answers(unsigned)).toEqual([false, false]);
  });

  it("admits on both replicas within a second, and refuses a revoked digest all the same", async () => {
    const { code, stdout } = await enforce("off", "--for", "15m", ...WHY, "--namespace", NAMESPACE);
    expect([code, stdout]).toEqual([11, expect.stringMatching(/^off-\S+: namespace switched, by \S+ until/)]);
    const tookMs = await everywhere(unsigned, true);
    process.stderr.write(`e2e: both replicas follow a switch ${Math.round(tookMs)} ms after the command\n`);
    expect(await answers(revoked)).toEqual([false, false]);
    expect(gate.log()).toMatch(/"switches":\["off-/);
    await logged("enforcement is switched off");
    expect(await gate.metrics()).toMatch(/^mc_gate_switches\{scope="namespace"\} 1$/m);
    const id = await switchId();
    const off = [["off", "INC-7", "string"]];
    await eventually("the record", () => isDeepStrictEqual(recorded(id), [off, off]) || undefined, SOON_MS);
    await eventually("the Event", async () => (await events("EnforcementOff")).includes(id) || undefined);
  });

  it("is not repeated before a second person has confirmed it, and not by its author", async () => {
    const again = await enforce("off", "--for", "15m", ...WHY);
    expect([again.code, again.stderr]).toEqual([10, expect.stringContaining("[unconfirmed-repetition]")]);
    const own = await enforce("confirm");
    expect([own.code, own.stderr]).toEqual([10, expect.stringContaining("[own-confirmation]")]);
  });

  it("is confirmed by another person with the right, in no one else's name", async () => {
    const confirmed = (by: string): object => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "mc-gate-enforcement", namespace: "mc-gate" },
      data: {
        "enforcement.yaml": `${text.trimEnd()}\n    confirmed: { by: ${by}, at: "${new Date().toISOString()}" }\n`,
      },
    });
    const text = await written();
    const inAnothersName = await apply(confirmed("sam"), "--as=tenant");
    expect([inAnothersName.code, inAnothersName.stderr]).toEqual([
      1,
      expect.stringContaining("[not-its-author]"),
    ]);
    const without = await apply(confirmed("tenant"), "--as=tenant");
    expect([without.code, without.stderr]).toEqual([
      1,
      expect.stringContaining("right to weaken enforcement.mc-gate.dev"),
    ]);
    expect(await apply(confirmed("sam"), "--as=sam")).toMatchObject({ code: 0 });
  });

  it("is put back by the command, at once and on both", async () => {
    expect((await enforce("on")).code).toBe(11); // written, and not waited for
    await everywhere(unsigned, false);
    expect((await enforce("status")).stdout).toContain("Enforcement is on");
  });

  it("is back by itself on both while the API server is away", async () => {
    const server = await clusterProgram(cluster().kubeconfig, "kube-apiserver");
    const { code } = await enforce("off", "--for", "20s", ...WHY);
    expect(code).toBe(11);
    const until = Date.parse(/until: "?([^"\n]+)"?\n?$/.exec((await written()).trimEnd())![1]!);
    await everywhere(unsigned, true);
    await server.kill();
    try {
      expect(await answers(unsigned)).toEqual([true, true]);
      await everywhere(unsigned, false, until - Date.now() + SOON_MS);
      expect(Date.now()).toBeGreaterThanOrEqual(until);
      expect(await answers(revoked)).toEqual([false, false]);
    } finally {
      await server.start();
      await eventually("the API server", async () => {
        const { code: ready } = await cluster().kubectl(["get", "--raw", "/readyz"]);
        return ready === 0 ? true : undefined;
      });
    }
    await logged("enforcement is back");
    const id = await switchId();
    const both = [
      ["off", "INC-7", "string"],
      ["on", "INC-7", "string"],
    ];
    expect(recorded(id)).toEqual([both, both]);
    expect(await gate.metrics()).toMatch(/^mc_gate_switches\{scope="all"\} 0$/m);
    // the API server was away at that moment
    await eventually("the Event", async () => (await events("EnforcementOn")).includes(id) || undefined);
  });
});
