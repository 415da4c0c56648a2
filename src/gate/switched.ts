import { type AppliedSwitch, gateOf, type Mode, type Objection, type Verdict } from "../core/index.ts";
import { scopeOf, type Switch } from "../enforcement/index.ts";
import type { Revocations } from "../revocations/index.ts";
import type { ImageFindings } from "./decide.ts";
import { namesDigests } from "./revoked.ts";
import type { Snapshot } from "./snapshot.ts";

/** What switches make of a namespace's mode. */
export interface Softening {
  /** By which its mode is advisory. */
  readonly whole: readonly Switch[];
  /** By which refusals of one rule are warnings. */
  readonly ofRules: readonly Switch[];
  /** Whether an image without a known digest may be a revoked one. */
  readonly mayHideRevoked: boolean;
}

/** The switches that concern a namespace; undefined where none does. */
export function softeningOf(
  mode: Mode,
  namespace: string,
  { switches, revocations }: Pick<Snapshot, "switches" | "revocations">,
): Softening | undefined {
  if (mode !== "enforce" || switches.length === 0) return undefined;
  const whole = switches.filter(
    (each) => each.rule === undefined && (each.namespace ?? namespace) === namespace,
  );
  const ofRules = switches.filter(({ rule }) => rule !== undefined);
  if (whole.length === 0 && ofRules.length === 0) return undefined;
  return { whole, ofRules, mayHideRevoked: mayHideRevoked(revocations) };
}

function mayHideRevoked(revocations: Revocations | undefined): boolean {
  return revocations === undefined || namesDigests(revocations);
}

/**
 * Whether an objection refuses although a switch is in force. What is revoked is refused whatever is switched off, and so is
 * what cannot be told from it: where the list is not known, or names digests and that of the image is not known.
 */
export function isBinding(
  objection: Objection,
  { judged }: Pick<ImageFindings, "judged">,
  { whole, ofRules, mayHideRevoked: mayHide }: Softening,
): boolean {
  if (gateOf(objection.code) === "revocation") return true;
  if (objection.kind === "fault" && judged.digest === undefined && mayHide) return true;
  return whole.length === 0 && !ofRules.some(({ rule }) => rule === objection.rule);
}

/** What becomes of a verdict in enforce; its switches are those that matter to it. */
export function softened(
  objections: readonly Objection[],
  binding: readonly Objection[],
  { whole, ofRules }: Softening,
): Pick<Verdict, "decision" | "mode" | "switches"> {
  const used = ofRules.filter(({ rule }) => objections.some((each) => each.rule === rule));
  const switches = [...whole, ...used].map(appliedSwitch);
  const named = switches.length > 0 && { switches };
  if (binding.length > 0) return { decision: "deny", mode: "enforce", ...named };
  if (objections.length > 0) return { decision: "warn", mode: "advisory", ...named };
  return { decision: "allow", mode: whole.length > 0 ? "advisory" : "enforce", ...named };
}

function appliedSwitch(entry: Switch): AppliedSwitch {
  const { id, by, reason, ticket, until } = entry;
  return { id, scope: scopeOf(entry), by, reason, ticket, until };
}
