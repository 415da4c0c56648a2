import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";

import { Settings } from "../src/cli/serve/settings.ts";
import { parsePolicy } from "../src/policy/index.ts";
import { parseRevocations } from "../src/revocations/index.ts";
import { parseWaivers } from "../src/waivers/index.ts";
import { WORKLOADS } from "../src/workloads/index.ts";

const CLUSTER_SCOPED = ["ClusterRole", "ClusterRoleBinding", "Namespace", "ValidatingWebhookConfiguration"];

function pluralOf(kind: string): string {
  return `${kind.toLowerCase()}s`;
}

describe.each(["manifests/mc-gate.yaml", "manifests/mc-gate-cert-manager.yaml"])("%s", (path) => {
  const objects = parseAllDocuments(readFileSync(path, "utf8")).map((each) => each.toJS());
  const dataOf = (name: string): Record<string, string> =>
    objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === name).data;

  it("puts everything into the gate's own namespace", () => {
    const elsewhere = objects.filter(
      ({ kind, metadata }) => !CLUSTER_SCOPED.includes(kind) && metadata.namespace !== "mc-gate",
    );
    expect(elsewhere.map(({ kind }) => kind)).toEqual([]);
  });

  it("has the API server ask about every kind that the gate can read", () => {
    const { webhooks } = objects.find(({ kind }) => kind === "ValidatingWebhookConfiguration");
    for (const name of ["enforce.mc-gate.dev", "advisory.mc-gate.dev"]) {
      const { rules } = webhooks.find((each: { readonly name: string }) => each.name === name);
      const asked: string[] = rules.flatMap(
        ({ apiGroups: [group], resources }: { apiGroups: string[]; resources: string[] }) =>
          resources.map((resource) => `${group}/${resource}`),
      );
      const read = WORKLOADS.map(({ group, kind }) => `${group}/${pluralOf(kind)}`);
      expect(asked.toSorted()).toEqual([...read, "/pods/ephemeralcontainers"].toSorted());
    }
  });

  it("holds settings and documents that the gate takes", () => {
    expect(Settings.safeParse(parse(dataOf("mc-gate-settings")["settings.yaml"]!)).error).toBeUndefined();
    expect(parsePolicy(dataOf("mc-gate-policy")["policy.yaml"]!).ok).toBe(true);
    expect(parseWaivers(dataOf("mc-gate-waivers")["waivers.yaml"]!).ok).toBe(true);
    expect(parseRevocations(dataOf("mc-gate-revocations")["revocations.yaml"]!).ok).toBe(true);
  });

  it("gives the pods what the restricted standard asks for, and no writable root", () => {
    const { spec } = objects.find(({ kind }) => kind === "Deployment").spec.template;
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(spec.containers.map((each: { securityContext: object }) => each.securityContext)).toEqual([
      { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
    ]);
  });
});
