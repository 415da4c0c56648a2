import { globSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";

import { parsePolicy } from "../src/policy/index.ts";
import { parseRevocations } from "../src/revocations/index.ts";
import { Settings } from "../src/serve/settings/settings.ts";
import { parseWaivers } from "../src/waivers/index.ts";
import { WORKLOADS } from "../src/workloads/index.ts";

const CLUSTER_SCOPED = ["ClusterRole", "ClusterRoleBinding", "Namespace", "ValidatingWebhookConfiguration"];

/** An object of any kind: each test looks at other fields. */
type Manifest = ReturnType<ReturnType<typeof parseAllDocuments>[number]["toJS"]>;

function objectsIn(path: string): Manifest[] {
  return parseAllDocuments(readFileSync(path, "utf8")).map((each) => each.toJS());
}

function dataOf(objects: readonly Manifest[], name: string): Record<string, string> {
  return objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === name).data;
}

function pluralOf(kind: string): string {
  return `${kind.toLowerCase()}s`;
}

const INSTALLERS = ["manifests/mc-gate.yaml", "manifests/mc-gate-cert-manager.yaml"];
const MANIFESTS = globSync("manifests/*.yaml");

describe.each(INSTALLERS)("%s", (path) => {
  const objects = objectsIn(path);

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

  it("holds settings that the gate takes, and no document that would replace one in the cluster", () => {
    const settings = dataOf(objects, "mc-gate-settings")["settings.yaml"]!;
    expect(Settings.safeParse(parse(settings)).error).toBeUndefined();
    const configMaps = objects.filter(({ kind }) => kind === "ConfigMap");
    const enforcement = configMaps.find(({ metadata }) => metadata.name === "mc-gate-enforcement");
    expect([enforcement.data, enforcement.binaryData]).toEqual([undefined, undefined]);
    const others = configMaps.filter((each) => each !== enforcement);
    expect(others.map(({ metadata }) => metadata.name)).toEqual(["mc-gate-settings"]);
  });

  it("watches the gate's own webhook configuration, by a right to that one", () => {
    const settings = Settings.parse(parse(dataOf(objects, "mc-gate-settings")["settings.yaml"]!));
    const { metadata } = objects.find(({ kind }) => kind === "ValidatingWebhookConfiguration");
    const { rules } = objects.find((each) => each.kind === "ClusterRole" && each.metadata.name === "mc-gate");
    expect(settings.cluster?.webhookConfiguration).toBe(metadata.name);
    expect(rules).toContainEqual({
      apiGroups: ["admissionregistration.k8s.io"],
      resources: ["validatingwebhookconfigurations"],
      resourceNames: [metadata.name],
      verbs: ["list", "watch"],
    });
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

describe("manifests/mc-gate-documents.yaml", () => {
  const objects = objectsIn("manifests/mc-gate-documents.yaml");

  it("holds the documents of a first installation, which the gate takes, and nothing else", () => {
    expect(objects).toHaveLength(3);
    expect(parsePolicy(dataOf(objects, "mc-gate-policy")["policy.yaml"]!).ok).toBe(true);
    expect(parseWaivers(dataOf(objects, "mc-gate-waivers")["waivers.yaml"]!).ok).toBe(true);
    expect(parseRevocations(dataOf(objects, "mc-gate-revocations")["revocations.yaml"]!).ok).toBe(true);
  });
});

describe("the manifests", () => {
  it("say of nothing that Helm manages it", () => {
    const labels = MANIFESTS.flatMap(objectsIn).map(({ metadata }) => metadata.labels);
    expect(labels.length).toBeGreaterThan(20);
    expect(labels.filter((each) => each["app.kubernetes.io/managed-by"] ?? each["helm.sh/chart"])).toEqual(
      [],
    );
  });
});
