import { readFileSync } from "node:fs";

import { parseAllDocuments } from "yaml";

/** A webhook as the chart renders it. */
export interface RenderedWebhook {
  readonly name: string;
  readonly matchPolicy: string;
  readonly sideEffects: string;
  readonly failurePolicy: string;
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly apiVersions: readonly string[];
    readonly operations: readonly string[];
    readonly resources: readonly string[];
  }[];
}

/** The webhooks of a rendered manifest. Throws where it holds none. */
export function webhooksIn(path: string): readonly RenderedWebhook[] {
  const objects = parseAllDocuments(readFileSync(path, "utf8")).map((each) => each.toJS());
  const webhooks: RenderedWebhook[] = objects.find(
    ({ kind }) => kind === "ValidatingWebhookConfiguration",
  ).webhooks;
  if (webhooks.length === 0) throw new Error(`${path} holds no webhook`);
  return webhooks;
}
