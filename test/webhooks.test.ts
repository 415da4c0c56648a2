import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { MODE_LABEL } from "../src/core/index.ts";
import { ArgoCdSettings } from "../src/serve/settings/argocd-settings.ts";
import { WORKLOADS } from "../src/workloads/kinds.ts";
import { asksAbout, type RuledRequest, takesNamespace, webhooksIn } from "./support/webhook-rules.ts";

const JUDGING = ["enforce.mc-gate.dev", "advisory.mc-gate.dev"];
const GUARDED = ["policies", "waivers", "revocations", "enforcement", "settings"] as const;
const BY_RIGHT = "guard.mc-gate.dev";
const WITHOUT_THE_RIGHT = GUARDED.map((resource) => `${resource}.${BY_RIGHT}`);
const GUARD = [BY_RIGHT, ...WITHOUT_THE_RIGHT];
const MODE = ["mode.mc-gate.dev"];

/** The resource of each kind in the table: its plural in lower case. */
const RESOURCES = WORKLOADS.map(
  ({ group, kind }): RuledRequest["resource"] => `${group}/${kind.toLowerCase()}s`,
);

/**
 * Which webhooks a write reaches. Those that reach none cannot bring in an image or a label: Kubernetes takes nothing but
 * the status from a write of a status, also of a custom resource (the registry's PrepareForUpdate of each kind), nothing
 * but the replicas from a scale, the resources from a resize, the node from a binding.
 */
const WRITES: readonly (readonly [string, RuledRequest["resource"], readonly string[]])[] = [
  ...RESOURCES.flatMap((resource) => [
    ["a workload", resource, JUDGING] as const,
    ["a workload's status", `${resource}/status`, []] as const,
  ]),
  ["a namespace", "/namespaces", MODE],
  ["a namespace's status, which takes labels", "/namespaces/status", MODE],
  ["a namespace's finalizers, which takes labels", "/namespaces/finalize", MODE],
  ["a subresource of namespaces that there is not yet", "/namespaces/later", MODE],
  ["a ConfigMap, which has no subresources", "/configmaps", GUARD],
  ["a Secret", "/secrets", []],
  ["a pod's ephemeral containers", "/pods/ephemeralcontainers", JUDGING],
  ["a pod's resources", "/pods/resize", []],
  ["a pod's node", "/pods/binding", []],
  ["a replication controller's scale", "/replicationcontrollers/scale", []],
  ["a deployment's scale", "apps/deployments/scale", []],
];

const NAME = "(object == null ? oldObject : object).metadata.name";
const IS_DOCUMENT = {
  policies: isDocument("policy", "policy.yaml"),
  waivers: isDocument("waivers", "waivers.yaml"),
  revocations: isDocument("revocations", "revocations.yaml"),
  enforcement: isDocument("enforcement"),
  settings: isDocument("settings"),
};

function isDocument(name: string, key?: string): string {
  const byKey = `[object, oldObject].exists(each, each != null && '${key}' in each.?data.orValue({}))`;
  return `(${NAME} == 'mc-gate-${name}'${key === undefined ? "" : ` || ${byKey}`})`;
}

/** The question that the gate asks the authorizer, too. */
function mayWeaken(resource: string): string {
  return `authorizer.group('mc-gate.dev').resource('${resource}').namespace(request.namespace).name(${NAME}).check('weaken').allowed()`;
}

const CONTROLLERS = ArgoCdSettings.parse({}).operations.controllers;

it("names the controller of Argo CD as the settings do where they say nothing", () => {
  const chart = readFileSync("charts/mc-gate/templates/webhooks.yaml", "utf8");
  expect(chart).toContain(
    `(list ${CONTROLLERS.map((name) => JSON.stringify(name)).join(" ")}) .Values.argocd.settings`,
  );
});

const LABELS: readonly (readonly [string | undefined, readonly string[]])[] = [
  ["enforce", ["enforce.mc-gate.dev"]],
  ["advisory", ["advisory.mc-gate.dev"]],
  ["off", []],
  [undefined, []],
  ["Enforce", ["enforce.mc-gate.dev"]],
  ["enforced", ["enforce.mc-gate.dev"]],
  ["OFF", ["enforce.mc-gate.dev"]],
  ["Advisory", ["enforce.mc-gate.dev"]],
  ["", ["enforce.mc-gate.dev"]],
];

describe.each(["manifests/mc-gate.yaml", "manifests/mc-gate-cert-manager.yaml"])(
  "the webhooks of %s",
  (path) => {
    const webhooks = webhooksIn(path);
    const conditionsOf = (wanted: string): readonly string[] =>
      webhooks
        .find(({ name }) => name === wanted)!
        .matchConditions!.map(({ expression }) => expression.trim());

    it.each(WRITES)("judge a write of %s (%s) by %j", (_, resource, expected) => {
      for (const operation of ["CREATE", "UPDATE"]) {
        const asked = webhooks.filter((each) => asksAbout(each, { resource, operation }));
        expect(asked.map(({ name }) => name)).toEqual(expected);
      }
    });

    it.each(JUDGING)("ask %s about the kinds that are in the table, and no others", (name) => {
      const { rules } = webhooks.find((each) => each.name === name)!;
      const ruled = rules.flatMap(({ apiGroups, resources }) =>
        apiGroups.flatMap((group) => resources.map((each) => `${group}/${each.split("/")[0]!}`)),
      );
      expect([...new Set(ruled)].toSorted()).toEqual(RESOURCES.toSorted());
    });

    it.each(LABELS)("judge a namespace labelled %j by %j", (label, expected) => {
      const labels = {
        "kubernetes.io/metadata.name": "shop",
        ...(label !== undefined && { [MODE_LABEL]: label }),
      };
      const asked = webhooks
        .filter(({ name }) => JUDGING.includes(name))
        .filter((each) => takesNamespace(each, labels));
      expect(asked.map(({ name }) => name)).toEqual(expected);
    });

    it("ask about a deletion of ConfigMaps alone", () => {
      const resources = [
        "/configmaps",
        "/pods",
        "/namespaces",
        "/namespaces/finalize",
        "apps/deployments",
      ] as const;
      const asked = resources.map((resource) =>
        webhooks.filter((each) => asksAbout(each, { resource, operation: "DELETE" })).map(({ name }) => name),
      );
      expect(asked).toEqual([[BY_RIGHT], [], [], [], []]);
    });

    it("guard the ConfigMaps that the gate reads, by the name of the object or the key of a document", () => {
      const guard = conditionsOf(BY_RIGHT).at(-1)!;
      const asked = GUARDED.map(
        (resource) => `${IS_DOCUMENT[resource]} ? request.operation == 'DELETE' || ${mayWeaken(resource)} :`,
      );
      expect(guard).toBe([...asked, "false"].join(" "));
      for (const resource of GUARDED)
        expect(conditionsOf(`${resource}.${BY_RIGHT}`).at(-1)).toBe(
          `${IS_DOCUMENT[resource]} && !${mayWeaken(resource)}`,
        );
    });

    it("let only those edit a document while nobody answers who may weaken it", () => {
      const failing = GUARD.map((name) => webhooks.find((each) => each.name === name)!.failurePolicy);
      expect(failing).toEqual(["Ignore", ...WITHOUT_THE_RIGHT.map(() => "Fail")]);
    });

    it("leave the gate's own namespace out, whatever its label", () => {
      for (const label of ["enforce", "advisory", "Enforce"]) {
        const labels = { "kubernetes.io/metadata.name": "mc-gate", [MODE_LABEL]: label };
        const asked = webhooks.filter((each) => takesNamespace(each, labels));
        expect(asked.map(({ name }) => name)).toEqual(GUARD);
      }
    });
  },
);
