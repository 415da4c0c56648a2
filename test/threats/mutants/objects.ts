import type { Mutants } from "./mutant.ts";

/** A: objects that nobody looks at. */
export const OBJECTS: Mutants = {
  A1: [
    { file: "src/workloads/pod-images.ts", from: '["init container", "initContainers"],', to: "" },
    { file: "src/workloads/pod-images.ts", from: '["ephemeral container", "ephemeralContainers"],', to: "" },
  ],
  A2: [
    {
      file: "src/admission/change.ts",
      from: '["", "ephemeralcontainers"]',
      to: '[""]',
    },
    {
      file: "manifests/mc-gate.yaml",
      from: `        - { key: kubernetes.io/metadata.name, operator: NotIn, values: ["mc-gate"] }
    rules:
      - { apiGroups: [""], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [pods, pods/ephemeralcontainers, podtemplates, replicationcontrollers], scope: Namespaced }
      - { apiGroups: [apps], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [replicasets, deployments, statefulsets, daemonsets], scope: Namespaced }
      - { apiGroups: [batch], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [jobs, cronjobs], scope: Namespaced }
      - { apiGroups: [argoproj.io], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [rollouts], scope: Namespaced }
      - { apiGroups: [serving.knative.dev], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [services], scope: Namespaced }
  - name: advisory`,
      to: `    rules:
      - { apiGroups: [""], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [pods], scope: Namespaced }
  - name: advisory`,
    },
  ],
  A3: [
    {
      file: "src/workloads/pod-images.ts",
      from: "...(spec.volumes ?? []).flatMap(",
      to: "...([] as NonNullable<typeof spec.volumes>).flatMap(",
    },
  ],
  A4: [
    {
      file: "src/admission/change.ts",
      from: 'if (operation === "CREATE") return',
      to: 'if ((object as { metadata?: { ownerReferences?: unknown } }).metadata?.ownerReferences) return NOTHING;\n  if (operation === "CREATE") return',
    },
  ],
  A5: [
    {
      file: "src/admission/change.ts",
      from: 'if (operation === "CREATE") return',
      to: 'if ((object as { spec?: { replicas?: unknown } }).spec?.replicas === 0) return NOTHING;\n  if (operation === "CREATE") return',
    },
  ],
  A6: [
    {
      file: "src/admission/change.ts",
      from: "BeingDeleted.safeParse(oldObject).success",
      to: "BeingDeleted.safeParse(object).success",
    },
  ],
  A7: [
    {
      file: "src/policy/fields.ts",
      from: 'return path.includes("") ? "it contains an empty part between slashes" : undefined;',
      to: "return undefined;",
    },
    {
      file: "src/policy/fields.ts",
      from: 'if (name.includes(":")) return',
      to: 'if (name.includes(":::")) return',
    },
  ],
  A8: [
    {
      file: "src/admission/change.ts",
      from: 'if (operation === "CREATE") return',
      to: 'if (JSON.stringify(object).includes("kubernetes.io/config.mirror")) return NOTHING;\n  if (operation === "CREATE") return',
    },
  ],
  A9: [
    {
      file: "src/core/mode.ts",
      from: "STRICTNESS.indexOf(other) > STRICTNESS.indexOf(one) ? other : one",
      to: "STRICTNESS.indexOf(other) > STRICTNESS.indexOf(one) ? one : other",
    },
  ],
  A10: [
    {
      file: "src/core/mode.ts",
      from: '(parseMode(label) ?? "enforce")',
      to: "parseMode(label)",
    },
    {
      file: "manifests/mc-gate.yaml",
      from: "resources: [namespaces, namespaces/*]",
      to: "resources: [namespaces]",
    },
  ],
  A11: [
    {
      file: "manifests/mc-gate.yaml",
      from: "  - name: enforce.mc-gate.dev\n    admissionReviewVersions: [v1]\n    sideEffects: None\n    matchPolicy: Equivalent",
      to: "  - name: enforce.mc-gate.dev\n    admissionReviewVersions: [v1]\n    sideEffects: None\n    matchPolicy: Exact",
    },
  ],
};
