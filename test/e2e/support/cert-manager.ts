import { makeAuthority } from "./certificates.ts";
import type { Cluster } from "./cluster.ts";
import { applySecret, dataOf } from "./secrets.ts";

const GROUP = "cert-manager.io";
const ANNOTATION = `${GROUP}/inject-ca-from`;

/** What cert-manager does for the chart, step by step; each step reads what the chart says. */
export interface CertManager {
  /** Writes a first certificate for these names, before there is a Certificate that asks for it. */
  readonly issue: (secret: string, names: readonly string[]) => Promise<string>;
  /** Renews the serving certificate by its Certificate: a new key, its Secret, which says the authority as well. PEM. */
  readonly renew: () => Promise<string>;
  /** Renews the authority as its Certificate says, and with the same key only if that asks for it. */
  readonly renewAuthority: () => Promise<void>;
  /** The cainjector: the authority from the Secret of the annotated Certificate into every webhook, and that one alone. */
  readonly inject: () => Promise<void>;
}

interface Certificate {
  readonly spec: {
    readonly secretName: string;
    readonly dnsNames?: readonly string[];
    readonly privateKey?: { readonly rotationPolicy?: string };
  };
}

/** Makes the kinds of cert-manager known to the API server, and plays its controllers for the release of this name. */
export async function playCertManager(cluster: Cluster, release: string): Promise<CertManager> {
  const { kubectlOk } = cluster;
  for (const [plural, kind] of [["issuers", "Issuer"] as const, ["certificates", "Certificate"] as const])
    await kubectlOk(["apply", "-f", "-"], { stdin: JSON.stringify(definitionOf(plural, kind)) });
  await kubectlOk(["wait", "crd", "-l", "app=mc-gate-e2e", "--for=condition=Established", "--timeout=30s"]);
  let authority = await makeAuthority();
  const issue: CertManager["issue"] = async (secret, names) => {
    const { certificate, key } = await authority.issue(names);
    const data = { "tls.crt": certificate, "tls.key": key, "ca.crt": authority.certificate };
    await applySecret(cluster, secret, data);
    return certificate;
  };
  const certificateNamed = async (namespace: string, name: string): Promise<Certificate> =>
    JSON.parse(await kubectlOk(["-n", namespace, "get", `certificates.${GROUP}`, name, "-o", "json"]));
  return {
    issue,
    renew: async () => {
      const { spec } = await certificateNamed(release, `${release}-tls`);
      return issue(spec.secretName, spec.dnsNames ?? []);
    },
    renewAuthority: async () => {
      const { spec } = await certificateNamed(release, `${release}-ca`);
      const isKept = spec.privateKey?.rotationPolicy === "Never";
      authority = isKept ? await authority.renew() : await makeAuthority();
    },
    inject: async () => {
      const get = ["get", "validatingwebhookconfiguration", release, "-o", "json"];
      const { metadata, webhooks } = JSON.parse(await kubectlOk(get));
      const [namespace = "", name = ""] = metadata.annotations[ANNOTATION].split("/");
      const { spec } = await certificateNamed(namespace, name);
      const { "ca.crt": trusted = "" } = await dataOf(cluster, spec.secretName);
      const value = Buffer.from(trusted).toString("base64");
      const patch = webhooks.map((_: unknown, at: number) => {
        return { op: "add", path: `/webhooks/${at}/clientConfig/caBundle`, value };
      });
      const flags = ["--type=json", "-p", JSON.stringify(patch)];
      await kubectlOk(["patch", "validatingwebhookconfiguration", release, ...flags]);
    },
  };
}

/** A kind of cert-manager without its schema, which the steps do not need. */
function definitionOf(plural: string, kind: string): unknown {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${GROUP}`, labels: { app: "mc-gate-e2e" } },
    spec: {
      group: GROUP,
      names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` },
      scope: "Namespaced",
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  };
}
