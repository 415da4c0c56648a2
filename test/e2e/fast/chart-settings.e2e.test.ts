import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { changesOf } from "../support/changed-values.ts";
import { type ChartObject, objectsIn, OPERATION_GATE_VALUES, renderChart } from "../support/chart.ts";
import { PROJECT } from "../support/programs.ts";

/** Values with which most others count: those of parts that are switched off do not. */
const BASE = {
  callers: { clientCAConfigMap: "api-server" },
  ...OPERATION_GATE_VALUES,
};

/** Values without which the base cannot be rendered, or that take another with them. */
const WITH: Readonly<Record<string, object>> = {
  "argocd.enabled": { argocd: { operationGate: { enabled: false } } },
  "drift.enabled": { drift: { extraVolumes: [{ name: "files", emptyDir: {} }] } },
  "certificate.mode": { certificate: { secretName: "tls", caBundle: "eA==" } },
  "serviceAccount.create": { serviceAccount: { name: "gate" } },
};

type Rendered = ChartObject & {
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template: object };
};

interface Seen {
  readonly settings: string | undefined;
  readonly pod: string;
}

async function seen(values: object): Promise<Seen> {
  const objects = objectsIn(await renderChart(values)) as Rendered[];
  const pod = objects.find(({ kind }) => kind === "Deployment")?.spec?.template;
  const settings = objects.find(({ data }) => data?.["settings.yaml"] !== undefined)?.data?.["settings.yaml"];
  return { settings, pod: JSON.stringify(pod) };
}

function merged(one: unknown, other: unknown): unknown {
  if (!isMap(one) || !isMap(other)) return other;
  const both = Object.entries(other).map(([key, value]) => [key, merged(one[key], value)] as const);
  return { ...one, ...Object.fromEntries(both) };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What any text of would be no object. */
const OBJECTS = ["extraObjects"];

/** Paths of values whose change changes what the gate reads at its start. */
const KNOWN = [
  "defaultMode",
  "policy.existingConfigMap",
  "waivers.existingConfigMap",
  "revocations.existingConfigMap",
  "server.port",
  "callers.allowedNames",
  "settings.evidence.staleLimit",
  "argocd.operationGate.prewarm",
  "state.enabled",
  "drift.enabled",
  "image.digest",
  "pullSecrets.names",
  "pullSecrets.workloads",
  "fullnameOverride",
];

describe("a change of a value that the settings depend on", () => {
  it("changes the pods, whichever value it is, so that replicas start with it", async () => {
    const defaults = parse(readFileSync(join(PROJECT, "charts/mc-gate/values.yaml"), "utf8"));
    const base = await seen(BASE);
    const changed: string[] = [];
    const changes = changesOf(merged(defaults, BASE) as object);
    for (const [path, change] of changes.filter(([each]) => !OBJECTS.includes(each))) {
      const now = await seen(merged(merged(BASE, WITH[path] ?? {}), change) as object);
      if (now.settings === base.settings) continue;
      changed.push(path);
      expect([path, now.pod === base.pod]).toEqual([path, false]);
    }
    expect(changed).toEqual(expect.arrayContaining(KNOWN));
  });
});
