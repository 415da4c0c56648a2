import { z } from "zod";

const NAME_LABEL = "kubernetes.io/metadata.name";

const Expression = z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).nullish() });
const Configuration = z.object({
  webhooks: z.array(
    z.object({
      name: z.string(),
      namespaceSelector: z.object({ matchExpressions: z.array(Expression).nullish() }).nullish(),
    }),
  ),
});

/** Webhooks of one configuration have distinct names. Source: Kubernetes API reference, ValidatingWebhook. */
const ENFORCING = "enforce.mc-gate.dev";

/**
 * The namespaces that the enforcing webhook leaves out by their names, whatever their labels say, such as the gate's own;
 * undefined where this is not a configuration of the gate.
 */
export function exemptNamespaces(configuration: unknown): ReadonlySet<string> | undefined {
  const { data } = Configuration.safeParse(configuration);
  const enforcing = data?.webhooks.find(({ name }) => name === ENFORCING);
  if (enforcing === undefined) return undefined;
  const all = enforcing.namespaceSelector?.matchExpressions ?? [];
  const left = all.filter(({ key, operator }) => key === NAME_LABEL && operator === "NotIn");
  return new Set(left.flatMap(({ values }) => values ?? []));
}
