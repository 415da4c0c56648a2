import { readFileSync } from "node:fs";

import { parseAllDocuments } from "yaml";

/** A requirement of a label selector. Source: k8s.io/apimachinery, LabelSelectorRequirement. */
export interface Requirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
}

/** A webhook of a ValidatingWebhookConfiguration, as far as it says who is asked. */
export interface WebhookRules {
  readonly name: string;
  readonly failurePolicy: string;
  readonly namespaceSelector?: {
    readonly matchLabels?: Labels;
    readonly matchExpressions?: readonly Requirement[];
  };
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly operations: readonly string[];
    readonly resources: readonly string[];
  }[];
}

type Labels = Readonly<Record<string, string>>;

/** The webhooks of a manifest that the project ships. Throws where there are none. */
export function webhooksIn(path: string): readonly WebhookRules[] {
  const objects = parseAllDocuments(readFileSync(path, "utf8")).map((each) => each.toJS());
  const found = objects.find(({ kind }) => kind === "ValidatingWebhookConfiguration");
  if (!(found?.webhooks?.length > 0)) throw new Error(`${path} has no webhooks`);
  return found.webhooks;
}

/** Whether a webhook's selector takes a namespace with these labels, by the rules of Kubernetes. */
export function takesNamespace({ namespaceSelector }: WebhookRules, labels: Labels): boolean {
  const { matchLabels = {}, matchExpressions = [] } = namespaceSelector ?? {};
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((each) => meets(each, labels))
  );
}

/** Without the label `NotIn` holds and `In` does not. */
function meets({ key, operator, values = [] }: Requirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
  }
}

/** A request by what webhook rules look at: `apps/deployments/scale`, `/namespaces/status`. */
export interface RuledRequest {
  readonly resource: `${string}/${string}`;
  readonly operation: string;
}

/** Whether a webhook's rules name a request; `pods/*` names each subresource of pods, and not pods. */
export function asksAbout({ rules }: WebhookRules, { resource, operation }: RuledRequest): boolean {
  const [group = "", name = "", subresource = ""] = resource.split("/");
  const spelled = subresource === "" ? [name] : [`${name}/${subresource}`, `${name}/*`];
  return rules.some(
    ({ apiGroups, operations, resources }) =>
      apiGroups.includes(group) &&
      operations.includes(operation) &&
      resources.some((each) => spelled.includes(each)),
  );
}
