import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Right } from "../../../src/kube/index.ts";
import type { Cluster } from "./cluster.ts";

/** What the words in the table of rights stand for here. */
export type RightsNames = Readonly<Record<NonNullable<Right["names"]>, readonly string[]>>;

/** Makes a service account with these rights and nothing else; gives the path of a kubeconfig for it. */
export async function withRights(
  cluster: Cluster,
  namespace: string,
  { rights, names }: { rights: readonly Right[]; names: RightsNames },
): Promise<string> {
  const name = "mc-gate";
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  const roleOf = (kind: "Role" | "ClusterRole", scope: Right["scope"]): object[] => {
    const metadata = kind === "Role" ? { name, namespace } : { name };
    const rules = rights.filter((right) => right.scope === scope).map((right) => ruleOf(right, names));
    const apiVersion = "rbac.authorization.k8s.io/v1";
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind, name };
    return [
      { apiVersion, kind, metadata, rules },
      { apiVersion, kind: `${kind}Binding`, metadata, subjects, roleRef },
    ];
  };
  const items = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } },
    ...roleOf("Role", "gate"),
    ...roleOf("ClusterRole", "cluster"),
  ];
  await cluster.kubectlOk(["apply", "-f", "-"], {
    stdin: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
  });
  return accountKubeconfig(cluster, { name, namespace });
}

/** Writes a kubeconfig by which a service account reaches the cluster, for an hour; gives its path. */
export async function accountKubeconfig(
  { kubeconfig, kubectlOk }: Cluster,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): Promise<string> {
  const token = (await kubectlOk(["create", "token", name, "-n", namespace])).trim();
  const config = JSON.parse(await kubectlOk(["config", "view", "--raw", "-o", "json"]));
  config.users = [{ name, user: { token } }];
  config.contexts = [{ name, context: { cluster: config.clusters[0].name, user: name, namespace } }];
  config["current-context"] = name;
  const path = join(dirname(kubeconfig), `${name}.kubeconfig`);
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

function ruleOf({ apiGroup, resource, verbs, names: which }: Right, names: RightsNames): object {
  const resourceNames = which === undefined ? {} : { resourceNames: names[which] };
  return { apiGroups: [apiGroup], resources: [resource], verbs, ...resourceNames };
}
