/** What part of the gate needs a right; a part that is switched off needs none of its rights. */
export type RightsFeature =
  | "documents"
  | "namespace-modes"
  | "own-pull-secrets"
  | "workload-pull-secrets"
  | "key-secrets"
  | "self-managed-certificate"
  | "own-webhooks"
  | "access-reviews"
  | "sync-hooks"
  | "sync-events"
  | "sync-prewarm"
  | "self-heal"
  | "pod-prewarm"
  | "events"
  | "fallback-endpoint"
  | "state"
  | "drift";

/** One right that the gate's service account needs. */
export interface Right {
  readonly feature: RightsFeature;
  /** `gate`: a Role in the gate's own namespace. `cluster`: a ClusterRole. */
  readonly scope: "gate" | "cluster";
  /** Empty for the core group. */
  readonly apiGroup: string;
  readonly resource: string;
  readonly verbs: readonly ("create" | "get" | "list" | "patch" | "watch")[];
  /** Which objects, as names from the settings; absent where it cannot be narrowed down to names. */
  readonly names?:
    | "documents"
    | "own pull secrets"
    | "keys of the policy"
    | "certificate secret"
    | "webhook configurations";
  /** Why it is needed: one clause. */
  readonly why: string;
}

/** Every right that the gate, and the account of `mc drift`, use; nothing else is asked for. */
export const RIGHTS: readonly Right[] = [
  {
    feature: "documents",
    scope: "gate",
    apiGroup: "",
    resource: "configmaps",
    verbs: ["list", "watch"],
    names: "documents",
    why: "to follow policy, waivers, revocations and the enforcement switch",
  },
  {
    feature: "namespace-modes",
    scope: "cluster",
    apiGroup: "",
    resource: "namespaces",
    verbs: ["list", "watch"],
    why: "to follow the mode label; only metadata is read",
  },
  {
    feature: "own-pull-secrets",
    scope: "gate",
    apiGroup: "",
    resource: "secrets",
    verbs: ["get"],
    names: "own pull secrets",
    why: "to read the gate's own registry credentials",
  },
  {
    feature: "workload-pull-secrets",
    scope: "cluster",
    apiGroup: "",
    resource: "secrets",
    verbs: ["get"],
    why: "to read the pull secrets that a pod or its service account names, in its namespace only",
  },
  {
    feature: "workload-pull-secrets",
    scope: "cluster",
    apiGroup: "",
    resource: "serviceaccounts",
    verbs: ["get"],
    why: "to learn which pull secrets a service account names",
  },
  {
    feature: "key-secrets",
    scope: "gate",
    apiGroup: "",
    resource: "secrets",
    verbs: ["list", "watch"],
    names: "keys of the policy",
    why: "to follow the public keys that the policy names by Secret",
  },
  {
    feature: "self-managed-certificate",
    scope: "gate",
    apiGroup: "",
    resource: "secrets",
    verbs: ["get", "list", "watch", "patch"],
    names: "certificate secret",
    why: "to keep the webhook's certificate, the same for all replicas",
  },
  {
    feature: "self-managed-certificate",
    scope: "gate",
    apiGroup: "",
    resource: "secrets",
    verbs: ["create"],
    why: "to create the certificate's Secret if it is missing; a right to create cannot name an object",
  },
  {
    feature: "self-managed-certificate",
    scope: "cluster",
    apiGroup: "admissionregistration.k8s.io",
    resource: "validatingwebhookconfigurations",
    verbs: ["get", "list", "watch", "patch"],
    names: "webhook configurations",
    why: "to put the certificate's authority where the API server looks for it",
  },
  {
    feature: "own-webhooks",
    scope: "cluster",
    apiGroup: "admissionregistration.k8s.io",
    resource: "validatingwebhookconfigurations",
    verbs: ["list", "watch"],
    names: "webhook configurations",
    why: "to notice when the gate's own webhooks are removed or changed",
  },
  {
    feature: "access-reviews",
    scope: "cluster",
    apiGroup: "authorization.k8s.io",
    resource: "subjectaccessreviews",
    verbs: ["create"],
    why: "to ask who may weaken a document or lower a namespace's mode",
  },
  {
    feature: "sync-hooks",
    scope: "cluster",
    apiGroup: "authentication.k8s.io",
    resource: "tokenreviews",
    verbs: ["create"],
    why: "to learn whose token a hook or a rollout sends",
  },
  {
    feature: "sync-hooks",
    scope: "cluster",
    apiGroup: "",
    resource: "pods",
    verbs: ["get"],
    why: "to learn which Job a hook's pod belongs to, and its containers' names",
  },
  {
    feature: "sync-hooks",
    scope: "cluster",
    apiGroup: "batch",
    resource: "jobs",
    verbs: ["get"],
    why: "to learn which Application a hook's Job hints at; only metadata is read",
  },
  {
    feature: "sync-events",
    scope: "cluster",
    apiGroup: "events.k8s.io",
    resource: "events",
    verbs: ["create"],
    why: "to record a refused sync on its Application, which may be in any namespace",
  },
  {
    feature: "sync-events",
    scope: "cluster",
    apiGroup: "",
    resource: "events",
    verbs: ["list", "watch"],
    why: "to learn why a hook cannot start; only Events of that kind are asked for",
  },
  {
    feature: "sync-events",
    scope: "cluster",
    apiGroup: "networking.k8s.io",
    resource: "networkpolicies",
    verbs: ["list"],
    why: "to name the NetworkPolicy that keeps a hook from the gate",
  },
  {
    feature: "sync-events",
    scope: "cluster",
    apiGroup: "",
    resource: "namespaces",
    verbs: ["list"],
    why: "to know the labels that a NetworkPolicy selects namespaces by",
  },
  {
    feature: "sync-prewarm",
    scope: "cluster",
    apiGroup: "argoproj.io",
    resource: "applications",
    verbs: ["get", "list", "watch"],
    why: "to render in advance what OutOfSync Applications would apply",
  },
  {
    feature: "self-heal",
    scope: "cluster",
    apiGroup: "",
    resource: "pods",
    verbs: ["list"],
    why: "to learn which images already run, if self-heals keep them (argocd.operations.selfHeal: keep)",
  },
  {
    feature: "pod-prewarm",
    scope: "cluster",
    apiGroup: "",
    resource: "pods",
    verbs: ["list"],
    why: "to look up, after a start, the images that run in enforcing namespaces",
  },
  {
    feature: "events",
    scope: "gate",
    apiGroup: "events.k8s.io",
    resource: "events",
    verbs: ["create"],
    why: "to record a document that cannot be read",
  },
  {
    feature: "fallback-endpoint",
    scope: "gate",
    apiGroup: "discovery.k8s.io",
    resource: "endpointslices",
    verbs: ["create", "patch"],
    why: "to stay reachable while no pod counts as ready; its name is that of the pod, which no right can name in advance",
  },
  {
    feature: "state",
    scope: "cluster",
    apiGroup: "authentication.k8s.io",
    resource: "tokenreviews",
    verbs: ["create"],
    why: "to learn whose token asks for the state of a replica",
  },
  {
    feature: "drift",
    scope: "gate",
    apiGroup: "discovery.k8s.io",
    resource: "endpointslices",
    verbs: ["list"],
    why: "for the account of `mc drift`: to find every replica",
  },
  {
    feature: "drift",
    scope: "cluster",
    apiGroup: "admissionregistration.k8s.io",
    resource: "validatingwebhookconfigurations",
    verbs: ["get"],
    names: "webhook configurations",
    why: "for the account of `mc drift`: to compare the webhooks, and to trust their authority",
  },
];
