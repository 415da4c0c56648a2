import { join } from "node:path";

import { parseAllDocuments } from "yaml";

import { helm } from "./helm.ts";
import { PROJECT } from "./programs.ts";

const CHART = join(PROJECT, "charts/mc-gate");

/** An object that the chart renders. */
export interface ChartObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** A ValidatingWebhookConfiguration as the chart renders it. */
interface WebhookConfiguration extends ChartObject {
  readonly webhooks: readonly {
    readonly name: string;
    readonly clientConfig: { readonly service: { readonly path: string }; readonly caBundle?: string };
  }[];
}

/** What the chart renders with these values, as text. Throws with what helm says where it refuses. */
export async function renderChart(values: object, namespace = "mc-gate"): Promise<string> {
  const set = Object.entries(values).flatMap(([name, value]) => [
    "--set-json",
    `${name}=${JSON.stringify(value)}`,
  ]);
  const { code, stdout, stderr } = await helm("/dev/null", [
    "template",
    "mc-gate",
    CHART,
    "--namespace",
    namespace,
    ...set,
  ]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

/** The objects of a rendered text. */
export function objectsIn(text: string): ChartObject[] {
  return parseAllDocuments(text).flatMap((each) => {
    const object = each.toJS() as ChartObject | null;
    return object === null ? [] : [object];
  });
}

/**
 * The chart's ValidatingWebhookConfiguration for a gate that is reached by address: each webhook's Service becomes
 * `url` with the same path, and nothing else changes.
 */
export function webhooksAt(
  url: string,
  objects: readonly ChartObject[],
): ChartObject & { readonly webhooks: readonly object[] } {
  const found = objects.find(({ kind }) => kind === "ValidatingWebhookConfiguration");
  if (found === undefined) throw new Error("the chart renders no ValidatingWebhookConfiguration");
  const configuration = found as WebhookConfiguration;
  const webhooks = configuration.webhooks.map(({ clientConfig, ...rest }) => {
    const { service, ...kept } = clientConfig;
    return { ...rest, clientConfig: { ...kept, url: `${url}${service.path}` } };
  });
  return { ...configuration, webhooks };
}

/** The manifests that the project ships for people without Helm, by path. */
export const MANIFESTS: Readonly<Record<string, object>> = {
  "manifests/mc-gate.yaml": {},
  "manifests/mc-gate-cert-manager.yaml": { certificate: { mode: "certManager" } },
};

const NAMESPACE = `apiVersion: v1
kind: Namespace
metadata:
  name: mc-gate
  labels:
    pod-security.kubernetes.io/enforce: restricted
`;

/** The text of one of MANIFESTS: the namespace, and all that the chart renders into it. */
export async function manifestText(path: string): Promise<string> {
  const rendered = await renderChart(MANIFESTS[path] ?? {});
  const head = "# Rendered from charts/mc-gate by `npm run manifests`. Edit the chart, not this file.\n";
  return `${head}${NAMESPACE}${rendered.replace(/\n+$/, "")}\n`;
}
