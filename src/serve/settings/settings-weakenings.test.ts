import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";

import { KNOWN_SETTINGS, settingsWeakenings } from "./settings-weakenings.ts";
import { Settings } from "./settings.ts";

const INSTANCE = { namespace: "argocd", url: "https://argocd.test", tokenFile: "/token" };
const THING = { group: "acme.test", kind: "Thing", path: ["spec", "template", "spec"] };
const BASE = {
  server: { certificate: { mode: "directory", directory: "/tls" } },
  cluster: { namespace: "mc-gate", defaultMode: "advisory", workloadPullSecrets: false },
  workloads: [THING],
  registries: {
    allowedHosts: ["ghcr.io", "docker.io"],
    hosts: { "ghcr.io": { mirrors: ["mirror.test"], caFile: "/ca.pem" } },
    limits: { redirects: 2 },
  },
  argocd: {
    instances: [INSTANCE],
    hookDigests: [`sha256:${"a".repeat(64)}`],
    operations: { exempt: ["argocd/mc-gate"], controllers: ["a"] },
  },
  evidence: { refreshAfter: "15m", staleLimit: "24h", prewarm: { images: 10 } },
  tuf: { enabled: true },
};

/** `BASE` with other values at these paths; undefined takes one away. */
function but(changes: Readonly<Record<string, unknown>>): string {
  const settings = structuredClone(BASE) as Record<string, unknown>;
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split("/");
    const last = keys.pop()!;
    const holder = keys.reduce<Record<string, unknown>>(
      (at, key) => (at[key] ??= {}) as Record<string, unknown>,
      settings,
    );
    if (value === undefined) delete holder[last];
    else holder[last] = value;
  }
  return stringify(settings, { aliasDuplicateObjects: false });
}

const BEFORE = but({});

describe("an edit of the settings that protects as much", () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ["the same", {}],
    ["a default written out", { "verify/limit": "2s", "cluster/workloadPullSecrets": false }],
    ["a stricter default mode", { "cluster/defaultMode": "enforce" }],
    ["fewer hosts", { "registries/allowedHosts": ["ghcr.io"] }],
    ["no mirror", { "registries/hosts": { "ghcr.io": { caFile: "/ca.pem" } } }],
    ["a host that is named for its defaults", { "registries/hosts/quay.io": {} }],
    ["another limit", { "registries/limits": { redirects: 0 } }],
    ["a port, a drain", { "server/port": 9443, "server/drain": "1s" }],
    [
      "a certificate of another kind",
      { "server/certificate": { mode: "directory", directory: "/elsewhere" } },
    ],
    ["pull secrets of the gate", { "cluster/pullSecrets": ["pull"] }],
    ["fresher evidence", { "evidence/refreshAfter": "1m", "evidence/staleLimit": "1h" }],
    ["prewarming", { "evidence/prewarm": { images: 0 }, "argocd/operations/prewarm": true }],
    ["a workload more", { workloads: [THING, { ...THING, kind: "Other" }] }],
    ["fewer exempt Applications", { "argocd/operations/exempt": [], "argocd/hookDigests": [] }],
    ["the version written out", { apiVersion: "mc-gate.dev/v1" }],
    ["no Argo CD any more", { "argocd/instances": [] }],
  ])("takes no right: %s", (_, changes) => {
    expect(settingsWeakenings(BEFORE, but(changes))).toEqual([]);
  });

  it("may take back what weakened", () => {
    const weak = {
      "registries/hosts/ghcr.io/plainHttpUnsafe": true,
      "registries/hosts/ghcr.io/allowLoopbackUnsafe": true,
      "tuf/enabled": false,
      "argocd/events": false,
      "argocd/operations/selfHeal": "keep",
      "cluster/workloadPullSecrets": true,
      "registries/allowedHosts": undefined,
    };
    expect(settingsWeakenings(but(weak), BEFORE)).toEqual([]);
  });
});

describe("an edit of the settings that may protect less", () => {
  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["a weaker default mode", { "cluster/defaultMode": "off" }, "cluster.defaultMode"],
    [
      "documents from elsewhere",
      { "cluster/policy": { configMap: "x", key: "y" } },
      "cluster.policy.configMap",
    ],
    [
      "revocations by another key",
      { "cluster/revocations": { configMap: "mc-gate-revocations", key: "y" } },
      "cluster.revocations.key",
    ],
    [
      "unguarded settings",
      { "cluster/settings": { configMap: "x", key: "settings.yaml" } },
      "cluster.settings.configMap",
    ],
    ["another cluster", { "cluster/kubeconfig": "/other" }, "cluster.kubeconfig"],
    ["another namespace", { "cluster/namespace": "other" }, "cluster.namespace"],
    ["every Secret", { "cluster/workloadPullSecrets": true }, "cluster.workloadPullSecrets"],
    [
      "no cluster",
      { cluster: undefined, argocd: undefined, "evidence/prewarm": undefined, files: { policy: "/p" } },
      "cluster",
    ],
    [
      "HTTP without TLS",
      { "registries/hosts/ghcr.io/plainHttpUnsafe": true },
      "registries.hosts.ghcr.io.plainHttpUnsafe",
    ],
    [
      "HTTP without TLS for a new host",
      { "registries/hosts/quay.io": { plainHttpUnsafe: true } },
      "registries.hosts.quay.io.plainHttpUnsafe",
    ],
    [
      "loopback",
      { "registries/hosts/ghcr.io/allowLoopbackUnsafe": true },
      "registries.hosts.ghcr.io.allowLoopbackUnsafe",
    ],
    [
      "a registry in another's place",
      { "registries/hosts/docker.io": { replacedBy: "evil.test" } },
      "registries.hosts.docker.io.replacedBy",
    ],
    [
      "another authority",
      { "registries/hosts/ghcr.io/caFile": "/evil.pem" },
      "registries.hosts.ghcr.io.caFile",
    ],
    ["all authorities", { "registries/hosts/ghcr.io/caFile": undefined }, "registries.hosts.ghcr.io.caFile"],
    [
      "all authorities of a host that is not named any more",
      { "registries/hosts": {} },
      "registries.hosts.ghcr.io.caFile",
    ],
    [
      "another mirror",
      { "registries/hosts/ghcr.io/mirrors": ["evil.test"] },
      "registries.hosts.ghcr.io.mirrors",
    ],
    [
      "a host for tokens",
      { "registries/hosts/ghcr.io/tokenHosts": ["evil.test"] },
      "registries.hosts.ghcr.io.tokenHosts",
    ],
    ["a host more", { "registries/allowedHosts": ["ghcr.io", "evil.test"] }, "registries.allowedHosts"],
    ["every host", { "registries/allowedHosts": undefined }, "registries.allowedHosts"],
    ["older evidence", { "evidence/refreshAfter": "16m" }, "evidence.refreshAfter"],
    ["stale evidence", { "evidence/staleLimit": "25h" }, "evidence.staleLimit"],
    ["no refreshed root", { "tuf/enabled": false }, "tuf.enabled"],
    ["another root", { "tuf/mirror": { url: "https://evil.test", rootPath: "/r" } }, "tuf.mirror"],
    ["a kind that syncs no longer look into", { workloads: [] }, "workloads"],
    ["another kind in its place", { workloads: [{ ...THING, kind: "Other" }] }, "workloads"],
    ["a pod spec looked for elsewhere", { workloads: [{ ...THING, path: ["spec"] }] }, "workloads"],
    ["a row before the one that counts", { workloads: [{ ...THING, path: ["spec"] }, THING] }, "workloads"],
    [
      "an Argo CD more",
      { "argocd/instances": [INSTANCE, { ...INSTANCE, namespace: "evil" }] },
      "argocd.instances",
    ],
    [
      "another Argo CD",
      { "argocd/instances": [{ ...INSTANCE, url: "https://evil.test" }] },
      "argocd.instances",
    ],
    ["other clusters", { "argocd/otherClusters": "advisory" }, "argocd.otherClusters"],
    ["other names of this cluster", { "argocd/thisCluster": ["x"] }, "argocd.thisCluster"],
    ["an audience", { "argocd/audience": "x" }, "argocd.audience"],
    ["an audience more", { "argocd/verdictAudiences": ["mc-gate", "x"] }, "argocd.verdictAudiences"],
    ["an image left out", { "argocd/hookDigests": [`sha256:${"b".repeat(64)}`] }, "argocd.hookDigests"],
    [
      "an exempt Application",
      { "argocd/operations/exempt": ["argocd/mc-gate", "a/b"] },
      "argocd.operations.exempt",
    ],
    [
      "moving revisions judged",
      { "argocd/operations/movingRevisions": "judge" },
      "argocd.operations.movingRevisions",
    ],
    ["self-heals kept", { "argocd/operations/selfHeal": "keep" }, "argocd.operations.selfHeal"],
    ["a controller more", { "argocd/operations/controllers": ["a", "b"] }, "argocd.operations.controllers"],
    ["no Events", { "argocd/events": false }, "argocd.events"],
  ])("takes the right: %s", (_, changes, path) => {
    const found = settingsWeakenings(BEFORE, but(changes));
    expect(found.map(({ rule }) => rule)).toContain("weaker-settings");
    expect(found.map((problem) => problem.path)).toContain(path);
  });

  it.each<[string, readonly number[]]>([
    ["another one first, from which a target is read where none fits", [1, 0]],
    ["the first one gone", [1]],
    ["the one gone that fits", [0]],
  ])("takes the right of two Argo CDs: %s", (_, order) => {
    const two = [INSTANCE, { ...INSTANCE, namespace: "other", url: "https://other.test" }];
    const [before, after] = [two, order.map((at) => two[at])].map((all) => but({ "argocd/instances": all }));
    expect(settingsWeakenings(before, after!)).toMatchObject([{ path: "argocd.instances" }]);
    expect(settingsWeakenings(before, before!)).toEqual([]);
  });

  it("names the line, and shows no value that could be somebody's business", () => {
    const [found] = settingsWeakenings(
      BEFORE,
      but({ "tuf/mirror": { url: "https://u:p@evil.test", rootPath: "/r" } }),
    );
    expect(found).toMatchObject({
      line: expect.any(Number),
      message: "The gate may protect less than before.",
    });
    expect(settingsWeakenings(BEFORE, but({ "cluster/defaultMode": "off" }))).toMatchObject([
      { line: 7, column: 16, message: "The gate may protect less: from advisory to off." },
    ]);
  });

  it.each([undefined, "", "server: 1\n", "a: [\n"])(
    "takes the right where what was before is not known: %j",
    (before) => {
      expect(settingsWeakenings(before, BEFORE)).toMatchObject([{ rule: "weaker-settings", path: "" }]);
    },
  );

  it.each(["server: 1\n", "a: [\n"])("says what is wrong with what cannot be read: %j", (after) => {
    expect(settingsWeakenings(BEFORE, after).length).toBeGreaterThan(0);
  });

  it("counts argocd that is set up for the first time as a change from its defaults", () => {
    const without = but({ argocd: undefined });
    expect(settingsWeakenings(without, but({ argocd: {} }))).toEqual([]);
    expect(settingsWeakenings(without, BEFORE).map(({ path }) => path)).toEqual([
      "argocd.instances",
      "argocd.hookDigests",
      "argocd.operations.exempt",
      "argocd.operations.controllers",
    ]);
  });
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
}

/** Paths of a JSON Schema, groups included; `*` for any name. */
function pathsIn({ properties = {}, additionalProperties }: Schema, above = ""): string[] {
  const rows = Object.entries(properties);
  if (typeof additionalProperties === "object") rows.push(["*", additionalProperties]);
  return rows.flatMap(([key, schema]) => [`${above}${key}`, ...pathsIn(schema, `${above}${key}.`)]);
}

it("classes no setting that does not exist", () => {
  const all = pathsIn(z.toJSONSchema(Settings, { io: "input" }) as Schema);
  expect(KNOWN_SETTINGS.filter((path) => !all.includes(path))).toEqual([]);
});
