import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { MODE_LABEL } from "../src/core/index.ts";
import { ArgoCdSettings } from "../src/serve/settings/argocd-settings.ts";
import { asksAbout, type RuledRequest, takesNamespace, webhooksIn } from "./support/webhook-rules.ts";

const WORKLOADS = ["enforce.mc-gate.dev", "advisory.mc-gate.dev"];
const GUARD = ["guard.mc-gate.dev"];
const MODE = ["mode.mc-gate.dev"];

/**
 * Which webhooks a write reaches. Those that reach none cannot bring in an image or a label: Kubernetes takes nothing but
 * the status from a write of a status, also of a custom resource (the registry's PrepareForUpdate of each kind), nothing
 * but the replicas from a scale, the resources from a resize, the node from a binding.
 */
const WRITES: readonly (readonly [string, RuledRequest["resource"], readonly string[]])[] = [
  ["a namespace", "/namespaces", MODE],
  ["a namespace's status, which takes labels", "/namespaces/status", MODE],
  ["a namespace's finalizers, which takes labels", "/namespaces/finalize", MODE],
  ["a subresource of namespaces that there is not yet", "/namespaces/later", MODE],
  ["a ConfigMap, which has no subresources", "/configmaps", GUARD],
  ["a Secret", "/secrets", []],
  ["a pod", "/pods", WORKLOADS],
  ["a pod's ephemeral containers", "/pods/ephemeralcontainers", WORKLOADS],
  ["a pod's status", "/pods/status", []],
  ["a pod's resources", "/pods/resize", []],
  ["a pod's node", "/pods/binding", []],
  ["a pod template", "/podtemplates", WORKLOADS],
  ["a replication controller", "/replicationcontrollers", WORKLOADS],
  ["a replication controller's status", "/replicationcontrollers/status", []],
  ["a replication controller's scale", "/replicationcontrollers/scale", []],
  ["a deployment", "apps/deployments", WORKLOADS],
  ["a deployment's status", "apps/deployments/status", []],
  ["a deployment's scale", "apps/deployments/scale", []],
  ["a replica set", "apps/replicasets", WORKLOADS],
  ["a replica set's status", "apps/replicasets/status", []],
  ["a stateful set", "apps/statefulsets", WORKLOADS],
  ["a stateful set's status", "apps/statefulsets/status", []],
  ["a daemon set", "apps/daemonsets", WORKLOADS],
  ["a daemon set's status", "apps/daemonsets/status", []],
  ["a job", "batch/jobs", WORKLOADS],
  ["a job's status", "batch/jobs/status", []],
  ["a cron job", "batch/cronjobs", WORKLOADS],
  ["a cron job's status", "batch/cronjobs/status", []],
  ["a rollout", "argoproj.io/rollouts", WORKLOADS],
  ["a rollout's status", "argoproj.io/rollouts/status", []],
  ["a Knative service", "serving.knative.dev/services", WORKLOADS],
  ["a Knative service's status", "serving.knative.dev/services/status", []],
];

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

    it.each(WRITES)("judge a write of %s (%s) by %j", (_, resource, expected) => {
      for (const operation of ["CREATE", "UPDATE"]) {
        const asked = webhooks.filter((each) => asksAbout(each, { resource, operation }));
        expect(asked.map(({ name }) => name)).toEqual(expected);
      }
    });

    it.each(LABELS)("judge a namespace labelled %j by %j", (label, expected) => {
      const labels = {
        "kubernetes.io/metadata.name": "shop",
        ...(label !== undefined && { [MODE_LABEL]: label }),
      };
      const asked = webhooks
        .filter(({ name }) => WORKLOADS.includes(name))
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
      expect(asked).toEqual([GUARD, [], [], [], []]);
    });

    it("guard the ConfigMaps that the gate reads, by the name of the object", () => {
      const [condition] = webhooks.find(({ name }) => GUARD.includes(name))!.matchConditions!;
      expect(condition!.expression).toBe(
        "(object == null ? oldObject : object).metadata.name in ['mc-gate-policy', 'mc-gate-waivers', 'mc-gate-revocations', 'mc-gate-settings']",
      );
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
