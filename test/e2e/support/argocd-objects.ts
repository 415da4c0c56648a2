/** The namespace in which Argo CD keeps its settings and, unless told otherwise, its Applications. */
export const ARGOCD_NAMESPACE = "argocd";

/** The Argo CD account of the gate: it has an API key, cannot log in, and may read Applications. */
export const GATE_ACCOUNT = "mc-gate";

/** Applications may also lie in namespaces that match this. */
export const APPLICATION_NAMESPACES = "team-*";

const PART_OF = { "app.kubernetes.io/part-of": "argocd" };

function object(kind: string, name: string, content: object): object {
  return {
    apiVersion: "v1",
    kind,
    metadata: { name, namespace: ARGOCD_NAMESPACE, labels: { ...PART_OF, "app.kubernetes.io/name": name } },
    ...content,
  };
}

const GATE_MAY_READ = [
  `p, role:${GATE_ACCOUNT}, applications, get, */*, allow`,
  `g, ${GATE_ACCOUNT}, role:${GATE_ACCOUNT}`,
].join("\n");

/** What Argo CD wants to find in its namespace before it starts. */
export const ARGOCD_SETTINGS: readonly object[] = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: ARGOCD_NAMESPACE } },
  object("ConfigMap", "argocd-cm", {
    data: { "admin.enabled": "true", [`accounts.${GATE_ACCOUNT}`]: "apiKey" },
  }),
  object("ConfigMap", "argocd-rbac-cm", { data: { "policy.default": "", "policy.csv": GATE_MAY_READ } }),
  object("ConfigMap", "argocd-tls-certs-cm", {}),
  object("ConfigMap", "argocd-ssh-known-hosts-cm", {}),
  object("ConfigMap", "argocd-gpg-keys-cm", {}),
  object("Secret", "argocd-secret", { type: "Opaque" }),
];

/** The project of every Application here: anything from anywhere to anywhere. */
export const DEFAULT_PROJECT: object = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "AppProject",
  metadata: { name: "default", namespace: ARGOCD_NAMESPACE },
  spec: {
    sourceRepos: ["*"],
    sourceNamespaces: [APPLICATION_NAMESPACES],
    destinations: [{ server: "*", namespace: "*" }],
    clusterResourceWhitelist: [{ group: "*", kind: "*" }],
  },
};

/** What an Application deploys, and where to. */
export interface ApplicationOptions {
  readonly name: string;
  /** Where the Application itself lies; default Argo CD's own namespace. */
  readonly namespace?: string;
  /** Addresses of git repositories; several are several sources of one Application. */
  readonly repositories: readonly string[];
  /** Namespace that it deploys into; made by the first sync. */
  readonly destination: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** `spec.syncPolicy.automated` and `retry`; without them a person starts each sync. */
  readonly automated?: object;
  readonly retry?: object;
  /** `source` or `sourceHydrator` of the spec, in the place of the repositories' main branches. */
  readonly source?: object;
}

/** An Application that deploys the main branch of its repositories into the cluster that Argo CD runs in. */
export function application(options: ApplicationOptions): object {
  const { name, namespace = ARGOCD_NAMESPACE, repositories, destination, labels = {} } = options;
  const { automated, retry, source } = options;
  const sources = repositories.map((repoURL) => ({ repoURL, path: ".", targetRevision: "main" }));
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata: { name, namespace, labels },
    spec: {
      project: "default",
      destination: { server: "https://kubernetes.default.svc", namespace: destination },
      ...(source ?? (sources.length === 1 ? { source: sources[0] } : { sources })),
      syncPolicy: {
        syncOptions: ["CreateNamespace=true"],
        ...(automated && { automated }),
        ...(retry && { retry }),
      },
    },
  };
}
