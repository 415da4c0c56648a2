/** A namespace's name. Source: Kubernetes, "Object Names and IDs", RFC 1123 label names. */
const NAMESPACED = /^([^#]+)#namespace=([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)$/;

/** How often a fragment may be encoded; past it, it is not known what it says. */
const MAX_ENCODINGS = 4;

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

/** An address as it was read. */
export interface ReadPolicyUri extends PolicyUri {
  /** Whether its fragment says a namespace in some other way: it is not known by whose rules was judged. */
  readonly isUnclear: boolean;
}

/** Reads what `formatPolicyUri` writes; an address whose fragment says nothing of a namespace is one without. */
export function parsePolicyUri(text: string): ReadPolicyUri {
  const [, uri, namespace] = NAMESPACED.exec(text) ?? [];
  if (uri !== undefined && namespace !== undefined) return { uri, namespace, isUnclear: false };
  const hash = text.indexOf("#");
  return { uri: text, isUnclear: hash >= 0 && mayNameNamespace(text.slice(hash + 1)) };
}

/** Whether a fragment speaks of a namespace, however it is spelled; what cannot be decoded may. */
function mayNameNamespace(fragment: string): boolean {
  let decoded = fragment;
  try {
    for (let times = 0; times < MAX_ENCODINGS && decoded.includes("%"); times += 1)
      decoded = decodeURIComponent(decoded);
  } catch {
    return true;
  }
  return decoded.includes("%") || decoded.toLowerCase().includes("namespace");
}
