import { type Finding, gateOf } from "../core/index.ts";
import type { Waiver, WaiverRegistry } from "./registry.ts";

const SOON_MS = 48 * 3_600_000;

/** Where and when a finding is to be set aside. */
export interface Circumstance {
  /** `registry/repository` of the image. */
  readonly image: string;
  readonly namespace: string;
  readonly now: Date;
}

/** The state of a waiver: `ending` within 48 hours of its end. */
export type WaiverState = "pending" | "active" | "ending" | "expired";

/**
 * The one waiver that sets a finding aside at this instant, the one that ends last where there are several. Its window is
 * `[from, until)`. A finding without a digest is covered by none, and two waivers never add up: each must cover the whole
 * finding on its own.
 */
export function coveringWaiver(
  registry: WaiverRegistry,
  finding: Finding,
  at: Circumstance,
): Waiver | undefined {
  return lastOf(registry, finding, at, ({ from, until }) => from <= at.now && at.now < until);
}

/** The waiver that would have set a finding aside, and has ended; the one that ended last. For explanations and counts. */
export function expiredWaiver(
  registry: WaiverRegistry,
  finding: Finding,
  at: Circumstance,
): Waiver | undefined {
  return lastOf(registry, finding, at, ({ until }) => until <= at.now);
}

/** The state of a waiver at `now`. */
export function stateOf({ from, until }: Pick<Waiver, "from" | "until">, now: Date): WaiverState {
  if (now < from) return "pending";
  if (now >= until) return "expired";
  return until.getTime() - now.getTime() <= SOON_MS ? "ending" : "active";
}

function lastOf(
  { byDigest }: WaiverRegistry,
  finding: Finding,
  at: Circumstance,
  within: (waiver: Waiver) => boolean,
): Waiver | undefined {
  if (finding.digest === undefined) return undefined;
  const fitting = (byDigest.get(finding.digest) ?? []).filter(
    (waiver) => within(waiver) && isAbout(waiver, finding, at),
  );
  return fitting.toSorted((a, b) => b.until.getTime() - a.until.getTime())[0];
}

function isAbout(
  waiver: Waiver,
  finding: Finding,
  { image, namespace }: Pick<Circumstance, "image" | "namespace">,
): boolean {
  return (
    waiver.class === gateOf(finding.code) &&
    (waiver.image === undefined || waiver.image === image) &&
    (waiver.namespaces === undefined || waiver.namespaces.includes(namespace)) &&
    (waiver.findings === undefined || namesAll(waiver.findings, finding))
  );
}

/** A waiver of named findings covers nothing that does not say which ones it is about. */
function namesAll(waived: readonly string[], { ids = [] }: Finding): boolean {
  return ids.length > 0 && ids.every((id) => waived.includes(id));
}
