import type { Cluster } from "./cluster.ts";

/** A Deployment with one pod of this image, without a namespace, which Argo CD adds. */
export function webDeployment(image: string, name = "web"): object {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image }] } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: { replicas: 1, selector: { matchLabels: labels }, template },
  };
}

/** The image of a namespace's Deployment `web`; empty where there is none. */
export async function deployedImage({ kubectl }: Cluster, namespace: string): Promise<string> {
  const path = "jsonpath={.spec.template.spec.containers[0].image}";
  return (await kubectl(["-n", namespace, "get", "deployment", "web", "-o", path])).stdout;
}
