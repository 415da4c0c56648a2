import type { Cluster } from "./cluster.ts";

/** A rule of a ClusterRole. */
interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const RBAC = "rbac.authorization.k8s.io";

/** Gives a person these rights in the whole cluster and nothing else. Undone by `dismiss` of the same label. */
export async function employ(
  { kubectlOk }: Cluster,
  { user, label, rules }: { readonly user: string; readonly label: string; readonly rules: readonly Rule[] },
): Promise<void> {
  const metadata = { name: `${label}-${user}`, labels: { app: label } };
  const items = [
    { apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata, rules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: "ClusterRoleBinding",
      metadata,
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: metadata.name },
      subjects: [{ apiGroup: RBAC, kind: "User", name: user }],
    },
  ];
  await kubectlOk(["apply", "-f", "-"], { stdin: JSON.stringify({ apiVersion: "v1", kind: "List", items }) });
}

/** Takes all rights back that were given under a label. */
export async function dismiss({ kubectl }: Cluster, label: string): Promise<void> {
  await kubectl(["delete", "clusterrole,clusterrolebinding", "-l", `app=${label}`]);
}

/** The rights of the gate's security team. */
export const SECURITY: Rule = {
  apiGroups: ["mc-gate.dev"],
  resources: ["policies", "waivers", "revocations", "enforcement", "settings", "namespacemodes"],
  verbs: ["weaken", "lower"],
};
