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

/** Values of a gate that Argo CD's syncs ask. */
export const OPERATION_GATE_VALUES = {
  argocd: {
    enabled: true,
    settings: {
      instances: [
        {
          namespace: "argocd",
          url: "https://argocd-server.argocd.svc",
          tokenFile: "/etc/mc-gate/argocd/token",
        },
      ],
    },
    operationGate: { enabled: true },
  },
};

/** Flags by which Helm takes these values, nulls included, which remove a default. */
export function flagsOf(values: object): string[] {
  return Object.entries(values).flatMap(([name, value]) => [
    "--set-json",
    `${name}=${JSON.stringify(value)}`,
  ]);
}

/** What the chart renders with these values, as text, without its tests. Throws with what helm says where it refuses. */
export function renderChart(values: object, namespace = "mc-gate"): Promise<string> {
  return template(["--namespace", namespace, "--skip-tests", ...flagsOf(values)]);
}

/** What `helm test` makes with these values. */
export async function renderTests(values: object): Promise<string> {
  return template(["--namespace", "mc-gate", "--show-only", "templates/tests/*", ...flagsOf(values)]);
}

async function template(flags: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await helm("/dev/null", ["template", "mc-gate", CHART, ...flags]);
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

/** The documents of a first installation. */
export const EMPTY_DOCUMENTS = {
  policy: {
    text: "# Nothing is trusted yet: every image in an enforcing namespace is refused.\nrules: []\n",
  },
  waivers: { text: "waivers: []\n" },
  revocations: { text: "revocations: []\n" },
};

/** The manifests that the project ships for people without Helm, by path: what the chart is told. */
export const MANIFESTS: Readonly<Record<string, object>> = {
  "manifests/mc-gate.yaml": {},
  "manifests/mc-gate-cert-manager.yaml": { certificate: { mode: "certManager" } },
  "manifests/mc-gate-documents.yaml": EMPTY_DOCUMENTS,
};

const NAMESPACE = `apiVersion: v1
kind: Namespace
metadata:
  name: mc-gate
  labels:
    pod-security.kubernetes.io/enforce: restricted
`;

/**
 * The text of one of MANIFESTS: the namespace and all that the chart renders into it, or the documents alone. It says
 * nothing of Helm, which neither manages these objects nor keeps any.
 */
export async function manifestText(path: string): Promise<string> {
  const values = MANIFESTS[path] ?? {};
  const isDocuments = values === EMPTY_DOCUMENTS;
  const only = isDocuments ? ["--show-only", "templates/documents.yaml"] : [];
  const rendered = await template(["--namespace", "mc-gate", "--skip-tests", ...only, ...flagsOf(values)]);
  const head = "# Rendered from charts/mc-gate by `npm run manifests`. Edit the chart, not this file.\n";
  return `${head}${isDocuments ? "" : NAMESPACE}${withoutHelm(rendered).replace(/\n+$/, "")}\n`;
}

function withoutHelm(rendered: string): string {
  const lines = rendered.split("\n");
  return lines.filter((line) => !/^\s+(?:helm\.sh\/|app\.kubernetes\.io\/managed-by:)/.test(line)).join("\n");
}
