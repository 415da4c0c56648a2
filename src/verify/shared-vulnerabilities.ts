import type { Attestation, Vulnerability } from "../core/index.ts";

/** Most entries of one id that are compared: what is past them is kept as it is, so that one id in every package costs no square. */
const MAX_ALIKE = 16;

/**
 * Attestations whose scans share equal vulnerabilities. The scans of one image, a year of nightly ones for instance, list
 * much the same: kept as they come out of the workers, they would fill the memory. Linear in the number of vulnerabilities.
 */
export function withSharedVulnerabilities<T extends Attestation>(attestations: readonly T[]): T[] {
  const known = new Map<string, Vulnerability[]>();
  let last: readonly Vulnerability[] = [];
  return attestations.map((each) => {
    if (each.scan === undefined) return each;
    last = shared(each.scan.vulnerabilities, last, known);
    return { ...each, scan: { ...each.scan, vulnerabilities: last } };
  });
}

function shared(
  vulnerabilities: readonly Vulnerability[],
  last: readonly Vulnerability[],
  known: Map<string, Vulnerability[]>,
): Vulnerability[] {
  return vulnerabilities.map((each, at) => {
    const before = last[at]; // scanners list in the same order every night: mostly this is it
    if (before !== undefined && isEqual(each, before)) return before;
    const alike = known.get(each.id);
    if (alike === undefined) known.set(each.id, [each]);
    const equal = alike?.find((other) => isEqual(each, other));
    if (equal === undefined && alike !== undefined && alike.length < MAX_ALIKE) alike.push(each);
    return equal ?? each;
  });
}

function isEqual(one: Vulnerability, other: Vulnerability): boolean {
  return (
    one.id === other.id &&
    one.package === other.package &&
    one.severity === other.severity &&
    one.fix === other.fix &&
    one.fixedVersion === other.fixedVersion &&
    isSame(one.aliases, other.aliases)
  );
}

function isSame(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.length === other.length && one.every((each, at) => each === other[at]);
}
