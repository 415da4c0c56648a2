/** A namespace's name. Source: Kubernetes, "Object Names and IDs", RFC 1123 label names. */
const NAMESPACED = /^([^#]+)#namespace=([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)$/;

/** The address of a policy as a summary names it, in two parts. */
export interface PolicyUri {
  readonly uri: string;
  /** By whose rules was judged, where the address says it. */
  readonly namespace?: string;
}

/**
 * The address of a policy as it applies in a namespace. A summary has no other field for it, and one digest of a policy is that
 * of strict rules and lax ones; a fragment is the part of a document. Source: RFC 3986, 3.5.
 */
export function formatPolicyUri({ uri, namespace }: PolicyUri): string {
  return namespace === undefined ? uri : `${uri}#namespace=${namespace}`;
}

/** Reads what `formatPolicyUri` writes; any other address is one without a namespace. */
export function parsePolicyUri(text: string): PolicyUri {
  const [, uri, namespace] = NAMESPACED.exec(text) ?? [];
  return uri === undefined || namespace === undefined ? { uri: text } : { uri, namespace };
}
