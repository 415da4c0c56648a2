import { describe, expect, it } from "vitest";

import { digestOf, UsageError } from "../../core/index.ts";
import type { GateState, StateText } from "../state/gate-state.ts";
import { findDrift, reportDrift } from "./find-drift.ts";
import { type DriftDeps, DriftError, type Replica } from "./ports.ts";

const POLICY = "rules:\n  - name: all\n    images: ['*']\n";
const SETTINGS = "log: { level: info }\n";
const IN_FORCE: Record<StateText, string> = {
  policy: POLICY,
  waivers: "waivers: []\n",
  revocations: "revocations: []\n",
  enforcement: "switches: []\n",
  settings: SETTINGS,
};
const WEBHOOK = {
  name: "enforce.mc-gate.dev",
  clientConfig: { service: { namespace: "gate", name: "mc-gate", path: "/validate/enforce" } },
  rules: [{ apiGroups: [""], apiVersions: ["*"], operations: ["CREATE"], resources: ["pods"] }],
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
};
/** The same as the API server has it. */
const LIVE = {
  ...WEBHOOK,
  clientConfig: { service: { ...WEBHOOK.clientConfig.service, port: 443 }, caBundle: "Y2E=" },
  rules: [{ ...WEBHOOK.rules[0], scope: "*" }],
  failurePolicy: "Fail",
  matchPolicy: "Equivalent",
  namespaceSelector: {},
  objectSelector: {},
  timeoutSeconds: 10,
};

function replica(name: string, more: Partial<Replica> = {}): Replica {
  return { name, address: "10.0.0.1", port: 8443, isReady: true, isTerminating: false, ...more };
}

function stateOf(name: string, texts: Partial<Record<StateText, string>>, problems = 0): GateState {
  const all = { ...IN_FORCE, ...texts };
  const document = (of: Exclude<StateText, "settings">) => ({
    configMap: `mc-gate-${of}`,
    key: `${of}.yaml`,
    digest: digestOf(all[of]),
    generation: 1,
    problems: of === "policy" ? problems : 0,
  });
  return {
    version: 1,
    build: "1.2.3",
    instance: name,
    settings: { configMap: "mc-gate-settings", key: "settings.yaml", digest: digestOf(all.settings) },
    switches: [],
    documents: {
      enforcement: document("enforcement"),
      policy: document("policy"),
      waivers: document("waivers"),
      revocations: document("revocations"),
    },
  };
}

interface World {
  readonly texts?: Readonly<Record<string, Partial<Record<StateText, string>>>>;
  readonly replicas?: readonly Replica[];
  readonly webhooks?: unknown;
  readonly problems?: number;
}

function depsOf({
  texts = {},
  replicas = [replica("one"), replica("two")],
  webhooks,
  problems,
}: World): DriftDeps {
  return {
    replicas: () => Promise.resolve(replicas),
    state: ({ name }) =>
      name === "silent"
        ? Promise.reject(new DriftError("nobody answers"))
        : Promise.resolve(stateOf(name, texts[name] ?? {}, problems)),
    text: ({ name }, of) => Promise.resolve({ ...IN_FORCE, ...texts[name] }[of]),
    webhooks: () => Promise.resolve(webhooks),
    report: ({ name }) => (name === "two" ? Promise.reject(new DriftError("HTTP 403")) : Promise.resolve()),
  };
}

const OPTIONS = { namespace: "gate", configuration: "mc-gate" };
const POLICY_FILE = { file: "git/policy.yaml", text: POLICY };

function configMap(name: string, key: string, text: string, namespace = "gate"): string {
  const block = text.replace(/^/gm, "    ").trimEnd();
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\ndata:\n  ${key}: |\n${block}\n`;
}

function configuration(webhooks: unknown): string {
  return JSON.stringify({ kind: "ValidatingWebhookConfiguration", metadata: { name: "mc-gate" }, webhooks });
}

async function driftOf(world: World, files: readonly { file: string; text: string }[]) {
  return findDrift(depsOf(world), { ...OPTIONS, files });
}

describe("drift between files and replicas", () => {
  it("is none where every replica has the file's text, and says what was not compared", async () => {
    const { differences, unknown, skipped, counts, replicas } = await driftOf({}, [POLICY_FILE]);
    expect({ differences, unknown }).toEqual({ differences: [], unknown: [] });
    expect(skipped).toHaveLength(4);
    expect(counts).toEqual({ version: 1, differences: { policy: 0 }, unknown: 0 });
    expect(replicas).toEqual([
      { name: "one", build: "1.2.3" },
      { name: "two", build: "1.2.3" },
    ]);
  });

  it("is none where only comments and spelling differ", async () => {
    const text = `# why\n${POLICY.replace("['*']", '["*"]')}`;
    expect((await driftOf({}, [{ file: "policy.yaml", text }])).differences).toEqual([]);
  });

  it("names the replica and the line of the file where one replica decides by another text", async () => {
    const texts = { two: { policy: POLICY.replace("'*'", "'a/*'") } };
    const { differences } = await driftOf({ texts }, [POLICY_FILE]);
    expect(differences).toEqual([
      {
        part: "policy",
        file: "git/policy.yaml",
        line: 3,
        column: 14,
        path: "rules.0.images.0",
        message: 'the file has "*", in force is "a/*"',
        replicas: ["two"],
      },
    ]);
  });

  it("names the line of the file that a ConfigMap stands in", async () => {
    const text = configMap("mc-gate-policy", "policy.yaml", POLICY.replace("'*'", "'b/*'"));
    const { differences } = await driftOf({}, [{ file: "all.yaml", text: `---\n${text}` }]);
    expect(differences.map(({ line, path, replicas }) => [line, path, replicas])).toEqual([
      [11, "rules.0.images.0", ["one", "two"]],
    ]);
  });

  it("compares the settings, of which each replica has those that it was started with", async () => {
    const text = configMap("mc-gate-settings", "settings.yaml", "log: { level: error }");
    const { differences } = await driftOf({}, [{ file: "a.yaml", text }]);
    expect(differences.map(({ part, path }) => [part, path])).toEqual([["settings", "log.level"]]);
  });

  it("is a difference where the newest text in the cluster is refused", async () => {
    const { differences } = await driftOf({ problems: 2 }, [POLICY_FILE]);
    expect(differences.map(({ message }) => message)).toEqual(["the newest text in the cluster is refused"]);
  });

  it("is a difference where the file cannot be in force", async () => {
    const { differences } = await driftOf({}, [{ file: "policy.yaml", text: "rules: [" }]);
    expect(differences.length).toBeGreaterThan(0);
    expect(differences[0]!.message).toMatch(/^cannot be read/);
  });

  it("takes no ConfigMap of that name in another namespace", async () => {
    const text = configMap("mc-gate-policy", "policy.yaml", "rules: []", "other");
    await expect(driftOf({}, [{ file: "a.yaml", text }])).rejects.toThrow(UsageError);
  });

  it.each<[string, World, readonly string[]]>([
    [
      "a replica does not answer",
      { replicas: [replica("one"), replica("silent", { isReady: false })] },
      ["replica silent, which is not ready: nobody answers"],
    ],
    ["there is no replica", { replicas: [] }, ["the Service has no replica"]],
    [
      "the only replica is stopping",
      { replicas: [replica("one", { isTerminating: true })] },
      ["the Service has no replica"],
    ],
  ])("is not known where %s", async (_, world, unknown) => {
    const found = await driftOf(world, [POLICY_FILE]);
    expect([found.unknown, found.counts.unknown]).toEqual([unknown, 1]);
  });

  it("is not known where a file cannot be read, which may hold anything", async () => {
    const found = await driftOf({}, [POLICY_FILE, { file: "broken.yaml", text: "a: [" }]);
    expect(found.unknown).toEqual([expect.stringMatching(/^broken\.yaml:\d+: cannot be read/)]);
  });

  it("fails where the files hold nothing of the gate", async () => {
    await expect(driftOf({}, [{ file: "a.yaml", text: "kind: Pod\nmetadata: { name: x }" }])).rejects.toThrow(
      /no file holds/,
    );
  });

  it("fails where two files hold the policy", async () => {
    const other = { file: "b.yaml", text: configMap("mc-gate-policy", "policy.yaml", POLICY) };
    await expect(driftOf({}, [POLICY_FILE, other])).rejects.toThrow(
      /git\/policy\.yaml and b\.yaml both hold the policy/,
    );
  });

  it("says which report could not be left", async () => {
    const counts = { version: 1, differences: {}, unknown: 0 } as const;
    expect(await reportDrift(depsOf({}), counts)).toEqual(["the report to replica two: HTTP 403"]);
  });
});

function hooksFile(webhook: object): { file: string; text: string }[] {
  return [{ file: "hooks.yaml", text: configuration([webhook]) }];
}

describe("drift of the webhooks", () => {
  it("is none where the API server only wrote out its defaults and the authority", async () => {
    const { differences, counts } = await driftOf({ webhooks: { webhooks: [LIVE] } }, hooksFile(WEBHOOK));
    expect([differences, counts.differences]).toEqual([[], { webhooks: 0 }]);
  });

  it.each<[string, object, object, readonly string[]]>([
    ["failurePolicy", WEBHOOK, { ...LIVE, failurePolicy: "Ignore" }, ["webhooks.0.failurePolicy"]],
    [
      "a selector",
      WEBHOOK,
      { ...LIVE, objectSelector: { matchLabels: { a: "b" } } },
      ["webhooks.0.objectSelector.matchLabels"],
    ],
    [
      "match conditions",
      WEBHOOK,
      { ...LIVE, matchConditions: [{ name: "x", expression: "false" }] },
      ["webhooks.0.matchConditions"],
    ],
    [
      "a shorter timeout",
      { ...WEBHOOK, timeoutSeconds: 10 },
      { ...LIVE, timeoutSeconds: 1 },
      ["webhooks.0.timeoutSeconds"],
    ],
    [
      "an authority that the file has",
      { ...WEBHOOK, clientConfig: { ...WEBHOOK.clientConfig, caBundle: "eA==" } },
      LIVE,
      ["webhooks.0.clientConfig.caBundle"],
    ],
  ])("sees another %s", async (_, inFile, live, paths) => {
    const { differences } = await driftOf({ webhooks: { webhooks: [live] } }, hooksFile(inFile));
    expect(differences.map(({ path }) => path)).toEqual(paths);
  });

  it("sees a webhook that is gone, one that was added, and a configuration that is gone", async () => {
    const other = { ...LIVE, name: "other" };
    const replaced = await driftOf({ webhooks: { webhooks: [other] } }, hooksFile(WEBHOOK));
    expect(replaced.differences.map(({ path }) => path)).toEqual(["webhooks.0", "webhooks"]);
    const gone = await driftOf({}, hooksFile(WEBHOOK));
    expect(gone.differences.map(({ message }) => message)).toEqual(["none is in force"]);
  });
});
