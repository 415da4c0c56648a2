import { isBuiltIn } from "../workloads/index.ts";
import type { Effect } from "./incompatibility.ts";
import type { Foreign } from "./read-foreign.ts";

/** What becomes of an object that no importer reads. */
export interface Beside {
  readonly effect: Effect;
  readonly why: string;
}

/** Groups whose objects decide what may run, or configure who decides. */
const POLICY_GROUPS: readonly string[] = [
  "admissionregistration.k8s.io",
  "config.openshift.io",
  "constraints.gatekeeper.sh",
  "config.ratify.deislabs.io",
  "kyverno.io",
  "policies.kubewarden.io",
  "policies.kyverno.io",
  "policy.sigstore.dev",
  "portieris.cloud.ibm.com",
  "securityenforcement.admission.cloud.ibm.com",
  "templates.gatekeeper.sh",
];

/** policy-controller's ConfigMap. Source: sigstore/policy-controller, pkg/config/store.go. */
const CONTROLLER_CONFIG = "config-policy-controller";

/** What it means for the imported policy that an object is left out. What is not known is never called harmless. */
export function besideOf({ group, kind, content }: Foreign): Beside {
  if (group === "policy.sigstore.dev" && kind === "TrustRoot")
    return { effect: "none", why: "give its trusted_root.json by --trust-root NAME=FILE" };
  if (group.endsWith("kyverno.io") && kind === "PolicyException")
    return {
      effect: "stricter",
      why: "exceptions are not converted; MC Gate has waivers, with an owner and an end",
    };
  if (group === "" && kind === "ConfigMap") return configMap(content);
  const name = group === "" ? kind : `${group} ${kind}`;
  if (isPolicy(group, kind))
    return { effect: "weaker", why: `${name} is not read; keep it, or write its rules by hand` };
  if (isBuiltIn({ group, kind }))
    return { effect: "none", why: "it is not an image policy, and is left out" };
  return {
    effect: "differs",
    why: `${name} is not read; whether it concerns images is unknown`,
  };
}

/** A policy, as far as its group or its name tells. Of Kubernetes' own kinds, those that configure admission alone. */
export function isPolicy(group: string, kind: string): boolean {
  if (POLICY_GROUPS.includes(group)) return true;
  return !isBuiltIn({ group, kind }) && [group, kind].some((name) => /polic/i.test(name));
}

function configMap(content: unknown): Beside {
  const { metadata, data } = content as { metadata?: { name?: unknown }; data?: Record<string, unknown> };
  const fallback = metadata?.name === CONTROLLER_CONFIG ? data?.["no-match-policy"] : undefined;
  if (fallback === undefined || fallback === "deny")
    return { effect: "none", why: "it is not an image policy, and is left out" };
  return {
    effect: "stricter",
    why: "images that no policy matches are refused, whatever its no-match-policy says",
  };
}
