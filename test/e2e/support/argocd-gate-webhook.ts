import type { SyncGate } from "./argocd-gate.ts";

/** Name of the configuration. */
export const OPERATION_WEBHOOK = "mc-gate-operations";

const IS_NEW =
  "has(object.operation) && has(object.operation.sync) && " +
  "(oldObject == null || !has(oldObject.operation) || object.operation != oldObject.operation || object.spec != oldObject.spec)";
const IS_DRY =
  "has(object.operation) && has(object.operation.sync) && has(object.operation.sync.dryRun) && object.operation.sync.dryRun";

/** Sends the API server to the gate whenever a sync of any Application starts, but for the constant writes of status. */
export function operationWebhook({ url, authority }: Pick<SyncGate, "url" | "authority">): object {
  const webhook = {
    name: "operations.mc-gate.dev",
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    failurePolicy: "Fail",
    timeoutSeconds: 15,
    clientConfig: {
      url: `${url}/validate/operation`,
      caBundle: Buffer.from(authority).toString("base64"),
    },
    rules: [
      {
        apiGroups: ["argoproj.io"],
        apiVersions: ["v1alpha1"],
        resources: ["applications"],
        operations: ["CREATE", "UPDATE"],
      },
    ],
    matchConditions: [
      { name: "a-sync-starts", expression: IS_NEW },
      { name: "no-dry-run", expression: `!(${IS_DRY})` },
    ],
  };
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: OPERATION_WEBHOOK },
    webhooks: [webhook],
  };
}
