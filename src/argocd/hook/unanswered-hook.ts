import { printable } from "../../core/index.ts";
import { type NetworkEnd, type NetworkPolicy, policiesAgainst } from "./network-policy.ts";
import { type HookNotice, type ReportedHook, type WaitingHookDeps, waitingHook } from "./waiting-hook.ts";

const DNS_PORT = 53;
const MAX_NAMES = 5;

/** What a namespace says about its network. */
export interface NamespaceNetwork {
  readonly labels: Readonly<Record<string, string>>;
  readonly policies: readonly NetworkPolicy[];
}

/** What is asked about a hook that has no answer yet. */
export interface UnansweredHookDeps extends WaitingHookDeps {
  /** Rejects where it cannot be read. */
  readonly network: (namespace: string) => Promise<NamespaceNetwork>;
  /** The gate's own pod; undefined where it is not one of this cluster. */
  readonly gate: () => Promise<GatePod | undefined>;
}

/** Where the hook's connection ends. */
export interface GatePod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  readonly port: number;
}

/**
 * What to say about a hook that has been running for a while, if NetworkPolicies keep it from the gate; undefined where none
 * does, and where it is not running any more. Policies of other kinds cannot be read. Rejects where the cluster or Argo CD
 * does not answer.
 */
export async function unansweredHook(
  reported: ReportedHook,
  deps: UnansweredHookDeps,
): Promise<HookNotice | undefined> {
  const gate = await deps.gate();
  if (reported.kind !== "Pod" || gate === undefined) return undefined;
  const [here, there] = await Promise.all([deps.network(reported.namespace), deps.network(gate.namespace)]);
  if (here.policies.length + there.policies.length === 0) return undefined;
  const waiting = await waitingHook(reported, deps, (pod) => pod?.phase === "Running");
  if (waiting === undefined) return undefined;
  const hook = {
    namespace: reported.namespace,
    namespaceLabels: here.labels,
    labels: waiting.pod?.labels ?? {},
  };
  const cause = causeOf(
    { end: hook, policies: here.policies },
    { end: { ...gate, namespaceLabels: there.labels }, policies: there.policies },
    gate.port,
  );
  if (cause === undefined) return undefined;
  return {
    application: waiting.application,
    reason: "HookUnanswered",
    note: `The sync waits for its hook ${hook.namespace}/${waiting.hook.name}, which has no answer yet: ${cause}.`,
  };
}

interface Side {
  readonly end: NetworkEnd;
  readonly policies: readonly NetworkPolicy[];
}

function causeOf(hook: Side, gate: Side, port: number): string | undefined {
  const ask = { protocol: "TCP", port } as const;
  const egress = policiesAgainst(hook.policies, {
    ...ask,
    direction: "Egress",
    subject: hook.end,
    peer: gate.end,
  });
  const create = `Create deploy/argocd/network-policy.yaml in ${hook.end.namespace}`;
  if (egress.length > 0)
    return (
      `${named(egress, hook)} its pod egress, and none allows TCP ${port} to the gate's pods in the namespace ` +
      `${gate.end.namespace}. ${create}`
    );
  const ingress = policiesAgainst(gate.policies, {
    ...ask,
    direction: "Ingress",
    subject: gate.end,
    peer: hook.end,
  });
  if (ingress.length > 0)
    return (
      `${named(ingress, gate)} the gate's pods ingress, and none allows TCP ${port} from the namespace ` +
      `${hook.end.namespace}. Allow it there`
    );
  const dns = policiesAgainst(hook.policies, {
    direction: "Egress",
    subject: hook.end,
    protocol: "UDP",
    port: DNS_PORT,
  });
  if (dns.length === 0) return undefined;
  return `${named(dns, hook)} its pod egress, and none allows DNS, UDP ${DNS_PORT}. ${create}`;
}

function named(policies: readonly string[], { end }: Side): string {
  const names = printable(policies.slice(0, MAX_NAMES).join(", "), 300);
  const more = policies.length > MAX_NAMES ? ` and ${policies.length - MAX_NAMES} more` : "";
  const [noun, verb] =
    policies.length === 1 ? ["NetworkPolicy", "restricts"] : ["NetworkPolicies", "restrict"];
  return `the ${noun} ${names}${more} of ${end.namespace} ${verb}`;
}
