import { SEVERITIES, type Vulnerability } from "../../core/index.ts";
import type { GateObjection } from "./gate.ts";
import { clause, list } from "./messages.ts";

const MAX = 500;
const CVE = /^CVE-\d{4}-\d{4,19}$/;

/** A vulnerability that blocks, and who reports it. */
export interface Sighting {
  readonly vulnerability: Vulnerability;
  readonly scanner: string;
  /** Why an all-clear about it does not count, where there is one. */
  readonly setAside?: string | undefined;
}

/**
 * One objection per vulnerability, the worst first, so that each can be waived on its own; what is past 500 shares the
 * last one, and is waived all together or not at all.
 */
export function blockedObjections(sightings: readonly Sighting[]): GateObjection[] {
  const byId = Map.groupBy(sightings, ({ vulnerability }) => nameOf(vulnerability));
  const sorted = [...byId].toSorted(
    ([a, these], [b, those]) => rank(these) - rank(those) || (a < b ? -1 : 1),
  );
  const shown = sorted.length > MAX ? sorted.slice(0, MAX - 1) : sorted;
  const rest = sorted.slice(shown.length);
  const objections = shown.map(([id, these]) => objection([id], `${id} ${detail(these)}`));
  if (rest.length === 0) return objections;
  const ids = rest.map(([id]) => id);
  return [
    ...objections,
    objection(ids, `${list(ids).replace(" or ", " and ")} vulnerabilities block as well`),
  ];
}

/** The CVE id where it is known: scanners name one vulnerability in several ways, and people waive it by this one. */
function nameOf({ id, aliases = [] }: Vulnerability): string {
  if (CVE.test(id)) return id;
  const [alias, ...others] = aliases.filter((each) => CVE.test(each));
  return alias !== undefined && others.length === 0 ? alias : id;
}

function rank(sightings: readonly Sighting[]): number {
  return Math.min(...sightings.map(({ vulnerability: { severity } }) => SEVERITIES.indexOf(severity)));
}

function detail(sightings: readonly Sighting[]): string {
  const severity = SEVERITIES[rank(sightings)]!;
  const found = sightings.map(({ vulnerability }) => vulnerability);
  const packages = [...new Set(found.flatMap((each) => each.package ?? []))];
  const fixes = [...new Set(found.flatMap((each) => each.fixedVersion ?? []))];
  const where = packages.length === 0 ? "" : ` in ${list(packages).replace(" or ", " and ")}`;
  const fix = fixes.length === 0 ? "" : `, fixed in ${list(fixes)}`;
  const aside = sightings.find(({ setAside }) => setAside !== undefined)?.setAside;
  return `(${severity})${where}${fix}, says ${sightings[0]!.scanner}${aside === undefined ? "" : `; ${aside}`}`;
}

function objection(ids: readonly string[], message: string): GateObjection {
  return { code: "vulnerability/blocked", message: clause(message), ids };
}
