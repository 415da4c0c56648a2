import { z } from "zod";

import { compareValues, type ValueDifference } from "./compare-values.ts";
import { DriftError } from "./ports.ts";

const Webhook = z.looseObject({
  name: z.string(),
  clientConfig: z.looseObject({ caBundle: z.string().nullish() }),
});
const Configuration = z.looseObject({ webhooks: z.array(Webhook).max(64).nullish() });

/**
 * Where the webhooks that are in force differ from those of a file. What a file leaves out is what the API server makes of
 * it; the caBundle is compared where the file has one, since the gate or cert-manager maintains it otherwise. Throws
 * DriftError where the object in force is not a configuration. Source: k8s.io/api/admissionregistration/v1, ValidatingWebhook.
 */
export function compareWebhooks(inFile: unknown, inForce: unknown): readonly ValueDifference[] {
  const wanted = Configuration.safeParse(inFile).data?.webhooks ?? [];
  const actual = Configuration.safeParse(inForce);
  if (!actual.success) throw new DriftError("the API server's answer is not a webhook configuration");
  const bundles = new Map(wanted.map(({ name, clientConfig }) => [name, clientConfig.caBundle]));
  const compared = (actual.data.webhooks ?? []).map((webhook) =>
    bundles.get(webhook.name) ? webhook : withoutBundle(webhook),
  );
  const inFileWhole = wanted.map((webhook) =>
    withDefaults(bundles.get(webhook.name) ? webhook : withoutBundle(webhook)),
  );
  return [...compareValues(inFileWhole, compared.map(withDefaults), ["webhooks"])];
}

type Webhook = z.infer<typeof Webhook>;

function withoutBundle(webhook: Webhook): Webhook {
  return { ...webhook, clientConfig: { ...webhook.clientConfig, caBundle: undefined } };
}

/** Source: k8s.io/kubernetes/pkg/apis/admissionregistration/v1/defaults.go. */
function withDefaults(webhook: Webhook): unknown {
  const { service } = webhook.clientConfig as { readonly service?: object };
  const rules = webhook["rules"];
  return {
    failurePolicy: "Fail",
    matchPolicy: "Equivalent",
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    ...webhook,
    clientConfig: {
      ...webhook.clientConfig,
      ...(service !== undefined && { service: { port: 443, ...service } }),
    },
    ...(Array.isArray(rules) && { rules: rules.map((rule: object) => ({ scope: "*", ...rule })) }),
  };
}
