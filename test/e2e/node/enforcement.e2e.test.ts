import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type GateRelease, podOf, prepareRelease, RELEASE } from "../support/gate-release.ts";
import { insideNode } from "../support/node-programs.ts";
import { dismiss, employ } from "../support/people.ts";
import { eventually, type Outcome, run } from "../support/process.ts";
import { PROJECT } from "../support/programs.ts";
import { apply, cluster, nodeObstacle } from "../support/scenario.ts";

const NAMESPACE = "oncall";
const LABEL = "mc-gate-oncall";
const WHY = ["--reason", "the gate blocks what has to run", "--ticket", "INC-7"];
const WHERE = ["--gate-namespace", RELEASE];
const TENANT = [
  { apiGroups: [""], resources: ["namespaces", "configmaps"], verbs: ["get", "create", "update", "patch"] },
];
// no cluster of the user's own is reached from within its node
const isOwnNode = process.env["E2E_KUBECONFIG"] === undefined;

/** A program of this checkout, where pods can be reached: on the node. */
function onNode(program: readonly string[], ...args: readonly string[]): Promise<Outcome> {
  const [enter, ...into] = insideNode(cluster().kubeconfig);
  const path = `PATH=${join(PROJECT, "node_modules/node/bin")}:${process.env["PATH"]}`;
  const where = [...WHERE, "--kubeconfig", cluster().kubeconfig];
  return run(enter, [...into, "env", path, ...program, ...args, ...where], { timeoutMs: 120_000 });
}

const enforce = (...args: readonly string[]): Promise<Outcome> =>
  onNode(["node", join(PROJECT, "src/cli/main.ts"), "enforce"], ...args);

/** Each for another namespace, since no second person confirms them. */
const off = (namespace: string, ...args: readonly string[]): Promise<Outcome> =>
  enforce("off", "--for", "10m", ...WHY, "--namespace", namespace, ...args);

async function webhooks(): Promise<Record<string, string>> {
  const path = 'jsonpath={range .webhooks[*]}{.name}={.failurePolicy}{"\\n"}{end}';
  const text = await cluster().kubectlOk(["get", "validatingwebhookconfiguration", RELEASE, "-o", path]);
  return Object.fromEntries(
    text
      .trim()
      .split("\n")
      .map((line) => line.split("=") as [string, string]),
  );
}

async function scale(replicas: number): Promise<void> {
  await cluster().kubectlOk(["-n", RELEASE, "scale", `deployment/${RELEASE}`, `--replicas=${replicas}`]);
  if (replicas > 0) return;
  await eventually(
    "the last pod's end",
    async () => {
      const { stdout } = await cluster().kubectl(["-n", RELEASE, "get", "pods", "-o", "name"]);
      return stdout === "" || undefined;
    },
    60_000,
  );
}

describe.skipIf(nodeObstacle ?? !isOwnNode)(
  "the switch with two replicas in a whole cluster, and without any",
  () => {
    let gate: GateRelease;
    let revoked: string;

    beforeAll(async () => {
      gate = await prepareRelease(cluster(), NAMESPACE);
      revoked = gate.unsigned.replace(/[0-9a-f]{64}$/, "d".repeat(64));
      const entry = {
        id: "R-1",
        digest: revoked.split("@")[1],
        reason: "It ships live credentials.",
        created: "2026-11-24T00:00:00Z",
      };
      const revocations = JSON.stringify({ text: JSON.stringify({ revocations: [entry] }) });
      const installed = await gate.helm(
        "install",
        "--create-namespace",
        "--set=state.enabled=true",
        `--set-json=revocations=${revocations}`,
      );
      if (installed.code !== 0) throw new Error(installed.stderr);
      await employ(cluster(), { user: "tenant", label: LABEL, rules: TENANT });
      await eventually("the webhook", async () => ((await admits(gate.unsigned)) ? undefined : true));
    });
    afterAll(async () => {
      await dismiss(cluster(), LABEL);
      await gate?.stop();
    });

    async function admits(image: string): Promise<boolean> {
      return (await gate.apply(podOf("asked", image, NAMESPACE), "--dry-run=server")).code === 0;
    }

    it("disable-enforce.sh returns when both replicas have answered with it, and a revoked digest stays refused", async () => {
      const script = ["sh", join(PROJECT, "scripts/disable-enforce.sh")];
      const done = await onNode(script, ...WHY, "--namespace", NAMESPACE);
      expect([done.code, done.stderr]).toEqual([
        0,
        expect.stringMatching(/All 2 replicas answered with it after/),
      ]);
      process.stderr.write(`e2e: ${/All 2 .*/.exec(done.stderr)![0]}\n`);
      expect(done.stdout).toMatch(/^off-\S+: namespace oncall, by \S+ until/);
      expect([await admits(gate.unsigned), await admits(revoked)]).toEqual([true, false]);
      expect((await enforce("status")).code).toBe(0);
      expect((await enforce("on")).code).toBe(0);
      expect(await admits(gate.unsigned)).toBe(false);
    });

    it("with all replicas gone it offers the step below after 30 seconds, and takes it when it is asked to", async () => {
      const before = await webhooks();
      await scale(0);
      expect([await admits(gate.signed), await admits(gate.unsigned)]).toEqual([false, false]);
      const offered = await off("second");
      expect([offered.code, offered.stderr]).toEqual([
        11,
        expect.stringMatching(/has no replica, after 30(\.\d)? ?s[^]*Run the same with --fail-open/),
      ]);
      expect(await webhooks()).toEqual(before);
      const taken = await off("third", "--fail-open", "--wait", "1");
      expect([taken.code, taken.stderr]).toEqual([
        11,
        expect.stringContaining("failurePolicy is Ignore now"),
      ]);
      expect(await webhooks()).toEqual({ ...before, "enforce.mc-gate.dev": "Ignore" });
      const annotation = "jsonpath={.metadata.annotations.mc-gate\\.dev/fail-open}";
      const note = await cluster().kubectlOk([
        "get",
        "validatingwebhookconfiguration",
        RELEASE,
        "-o",
        annotation,
      ]);
      expect(JSON.parse(note)).toMatchObject({
        by: expect.stringMatching(/./),
        reason: WHY[1],
        ticket: "INC-7",
      });
      await eventually("a pod to be admitted", async () => (await admits(gate.unsigned)) || undefined);
    });

    it("lets no one weaken a document or lower a mode while it fails open", async () => {
      const metadata = { name: `${RELEASE}-policy`, namespace: RELEASE };
      const policy = {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata,
        data: { "policy.yaml": "rules: []\n" },
      };
      const refused = await apply(policy, "--as=tenant");
      expect([refused.code, refused.stderr]).toEqual([
        1,
        expect.stringContaining('failed calling webhook "policies.guard.mc-gate.dev"'),
      ]);
      const label = ["label", "--overwrite", "namespace", NAMESPACE, "mc-gate.dev/mode=off", "--as=tenant"];
      const lowered = await cluster().kubectl(label);
      expect([lowered.code, lowered.stderr]).toEqual([
        1,
        expect.stringContaining('failed calling webhook "mode.mc-gate.dev"'),
      ]);
    });

    it("mc enforce on puts failurePolicy back without a replica", async () => {
      const on = await enforce("on", "--wait", "1");
      expect([on.code, on.stderr]).toEqual([11, expect.stringContaining("failurePolicy is Fail again")]);
      expect((await webhooks())["enforce.mc-gate.dev"]).toBe("Fail");
      await eventually("a refusal", async () => ((await admits(gate.signed)) ? undefined : true));
    });

    it("the first replica that starts puts it back, says so by record and Event, and enforces", async () => {
      expect((await off("fourth", "--fail-open", "--wait", "1")).stderr).toContain(
        "failurePolicy is Ignore now",
      );
      await eventually("a pod to be admitted", async () => (await admits(gate.unsigned)) || undefined);
      await scale(2);
      await eventually(
        "Fail",
        async () => (await webhooks())["enforce.mc-gate.dev"] === "Fail" || undefined,
        90_000,
      );
      await eventually("a refusal", async () => ((await admits(gate.unsigned)) ? undefined : true));
      const { kubectlOk } = cluster();
      await eventually("the record", async () => {
        const logs = await kubectlOk([
          "-n",
          RELEASE,
          "logs",
          "-l",
          "app.kubernetes.io/name=mc-gate",
          "--tail=-1",
        ]);
        return /"msg":"switch".*"change":"closed"/.test(logs) || undefined;
      });
      await eventually("the Event", async () => {
        const flags = ["--field-selector=reason=FailClosed", "-o", "name"];
        return (await kubectlOk(["-n", RELEASE, "get", "events", ...flags])) !== "" || undefined;
      });
    });
  },
);
