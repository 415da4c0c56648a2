/** Where the API server finds the gate, and the authority that vouches for its certificate (PEM). */
export interface WebhookTarget {
  readonly url: string;
  readonly authority: string;
  /** The gate's own namespace, which the webhooks leave out. */
  readonly own: string;
}

const WORKLOADS = [
  {
    apiGroups: [""],
    apiVersions: ["*"],
    resources: ["pods", "pods/ephemeralcontainers", "podtemplates", "replicationcontrollers"],
  },
  {
    apiGroups: ["apps"],
    apiVersions: ["*"],
    resources: ["replicasets", "deployments", "statefulsets", "daemonsets"],
  },
  { apiGroups: ["batch"], apiVersions: ["*"], resources: ["jobs", "cronjobs"] },
  { apiGroups: ["argoproj.io"], apiVersions: ["*"], resources: ["rollouts"] },
  { apiGroups: ["serving.knative.dev"], apiVersions: ["*"], resources: ["services"] },
];

const COMMON = {
  admissionReviewVersions: ["v1"],
  sideEffects: "None",
  matchPolicy: "Equivalent",
  timeoutSeconds: 10,
};

/** The gate's three webhooks, reached by address: what the chart installs with a Service in its place. */
export function webhookConfiguration(target: WebhookTarget): unknown {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "mc-gate" },
    webhooks: [
      validating("enforce", "Fail", target),
      validating("advisory", "Ignore", target),
      guard(target),
      modeChanges(target),
    ],
  };
}

function validating(
  mode: "enforce" | "advisory",
  failurePolicy: "Fail" | "Ignore",
  target: WebhookTarget,
): unknown {
  const matchExpressions = [
    { key: "mc-gate.dev/mode", operator: "In", values: [mode] },
    { key: "kubernetes.io/metadata.name", operator: "NotIn", values: [target.own] },
  ];
  return {
    ...COMMON,
    name: `${mode}.mc-gate.dev`,
    failurePolicy,
    clientConfig: clientOf(`/validate/${mode}`, target),
    rules: WORKLOADS.map((rule) => ({ ...rule, operations: ["CREATE", "UPDATE"] })),
    namespaceSelector: { matchExpressions },
  };
}

function guard(target: WebhookTarget): unknown {
  const rule = {
    apiGroups: [""],
    apiVersions: ["v1"],
    resources: ["configmaps"],
    operations: ["CREATE", "UPDATE"],
  };
  const documents = "request.name in ['mc-gate-policy', 'mc-gate-waivers', 'mc-gate-revocations']";
  return {
    ...COMMON,
    name: "guard.mc-gate.dev",
    failurePolicy: "Fail",
    clientConfig: clientOf("/guard", target),
    rules: [rule],
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": target.own } },
    matchConditions: [{ name: "documents", expression: documents }],
  };
}

function labelIn(object: string): string {
  return `${object}.metadata.?labels[?'mc-gate.dev/mode'].orValue('')`;
}

function modeChanges(target: WebhookTarget): unknown {
  const rule = {
    apiGroups: [""],
    apiVersions: ["v1"],
    resources: ["namespaces"],
    operations: ["CREATE", "UPDATE"],
  };
  const changes = `${labelIn("object")} != (oldObject == null ? '' : ${labelIn("oldObject")})`;
  return {
    ...COMMON,
    name: "mode.mc-gate.dev",
    failurePolicy: "Fail",
    clientConfig: clientOf("/guard", target),
    rules: [rule],
    matchConditions: [{ name: "mode-changes", expression: changes }],
  };
}

function clientOf(path: string, { url, authority }: WebhookTarget): unknown {
  return { url: `${url}${path}`, caBundle: Buffer.from(authority).toString("base64") };
}
