import { BlockList, isIP } from "node:net";

interface Selector {
  readonly matchLabels?: Labels | null | undefined;
  readonly matchExpressions?:
    | readonly {
        readonly key: string;
        readonly operator: string;
        readonly values?: readonly string[] | null | undefined;
      }[]
    | null
    | undefined;
}

type Labels = Readonly<Record<string, string>>;

interface Peer {
  readonly podSelector?: Selector | null | undefined;
  readonly namespaceSelector?: Selector | null | undefined;
  readonly ipBlock?:
    | { readonly cidr: string; readonly except?: readonly string[] | null | undefined }
    | null
    | undefined;
}

interface Rule {
  readonly peers: readonly Peer[];
  readonly ports: readonly Port[];
}

interface Port {
  readonly protocol?: string | null | undefined;
  readonly port?: number | string | null | undefined;
  readonly endPort?: number | null | undefined;
}

type Ports = readonly Port[] | null | undefined;
type Peers = readonly Peer[] | null | undefined;

/** A NetworkPolicy (networking.k8s.io/v1), as far as it says who may reach whom. */
export interface NetworkPolicy {
  readonly name: string;
  readonly podSelector?: Selector | null | undefined;
  readonly policyTypes?: readonly string[] | null | undefined;
  readonly ingress?: readonly { readonly from?: Peers; readonly ports?: Ports }[] | null | undefined;
  readonly egress?: readonly { readonly to?: Peers; readonly ports?: Ports }[] | null | undefined;
}

/** One end of a connection. */
export interface NetworkEnd {
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  readonly labels: Labels;
  /** Absent where they are not known: a block of addresses then counts as one that holds them. */
  readonly addresses?: readonly string[];
}

/** A connection that is wanted. */
export interface Connection {
  readonly direction: "Egress" | "Ingress";
  /** The pod whose policies decide: the caller for Egress, the one that is called for Ingress. */
  readonly subject: NetworkEnd;
  /** Absent for any peer. */
  readonly peer?: NetworkEnd;
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
}

/**
 * The names of the policies that together keep a connection from being made: those that select the subject, where none of them
 * allows it. Empty where nothing keeps it, and where it cannot be told, as with ports by name: an accusation must be right.
 */
export function policiesAgainst(policies: readonly NetworkPolicy[], wanted: Connection): readonly string[] {
  const { direction, subject } = wanted;
  const selecting = policies.filter(
    (policy) => governs(policy, direction) && isSelected(policy.podSelector, subject.labels),
  );
  const isAllowed = selecting.some((policy) =>
    rulesOf(policy, direction).some((rule) => allows(rule, wanted)),
  );
  return isAllowed ? [] : selecting.map(({ name }) => name);
}

/** Without types, a policy is one of Ingress, and of Egress where it has such rules. */
function governs({ policyTypes, egress }: NetworkPolicy, direction: Connection["direction"]): boolean {
  if ((policyTypes ?? []).length > 0) return policyTypes!.includes(direction);
  return direction === "Ingress" || (egress ?? []).length > 0;
}

function rulesOf(policy: NetworkPolicy, direction: Connection["direction"]): readonly Rule[] {
  if (direction === "Egress")
    return (policy.egress ?? []).map(({ to, ports }) => ({ peers: to ?? [], ports: ports ?? [] }));
  return (policy.ingress ?? []).map(({ from, ports }) => ({ peers: from ?? [], ports: ports ?? [] }));
}

/** Without peers a rule is about all of them, without ports likewise. */
function allows({ peers, ports }: Rule, { subject, peer, protocol, port }: Connection): boolean {
  const hasPort = ports.length === 0 || ports.some((each) => includesPort(each, protocol, port));
  if (!hasPort || peer === undefined) return hasPort;
  return peers.length === 0 || peers.some((each) => includesPeer(each, peer, subject.namespace));
}

function includesPort({ protocol, port, endPort }: Port, wanted: string, number: number): boolean {
  if ((protocol ?? "TCP") !== wanted) return false;
  if (typeof port !== "number") return true; // all ports, or one by a name that only the called pod knows
  return port <= number && number <= (endPort ?? port);
}

function includesPeer(
  { podSelector, namespaceSelector, ipBlock }: Peer,
  peer: NetworkEnd,
  ownNamespace: string,
): boolean {
  if (ipBlock) return holds(ipBlock.cidr, peer) && !(ipBlock.except ?? []).some((each) => holds(each, peer));
  const hasNamespace = namespaceSelector
    ? isSelected(namespaceSelector, peer.namespaceLabels)
    : peer.namespace === ownNamespace;
  return hasNamespace && isSelected(podSelector, peer.labels);
}

function holds(cidr: string, { addresses }: NetworkEnd): boolean {
  if (addresses === undefined) return true;
  const [network = "", prefix = ""] = cidr.split("/");
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  const block = new BlockList();
  try {
    block.addSubnet(network, Number(prefix), family);
  } catch {
    return false; // the API server refuses such a block
  }
  return addresses.some((each) => block.check(each, isIP(each) === 6 ? "ipv6" : "ipv4"));
}

/** A selector that is absent or empty selects everything. */
function isSelected(selector: Selector | null | undefined, labels: Labels): boolean {
  const { matchLabels, matchExpressions } = selector ?? {};
  return (
    Object.entries(matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (matchExpressions ?? []).every(({ key, operator, values }) => isMet(operator, labels[key], values ?? []))
  );
}

function isMet(operator: string, value: string | undefined, values: readonly string[]): boolean {
  if (operator === "In") return value !== undefined && values.includes(value);
  if (operator === "NotIn") return value === undefined || !values.includes(value);
  if (operator === "Exists") return value !== undefined;
  return operator !== "DoesNotExist" || value === undefined;
}
