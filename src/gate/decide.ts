import {
  type Fault,
  type Judged,
  type Mode,
  noticeOf,
  type Objection,
  type Verdict,
  type Waived,
} from "../core/index.ts";
import { coveringWaiver, expiredWaiver, type WaiverRegistry } from "../waivers/index.ts";
import { isBinding, type Softening, softened } from "./switched.ts";

/** One image with everything that speaks against it, before mode and waivers. */
export interface ImageFindings {
  readonly judged: Judged;
  /** `registry/repository`, where the reference could be parsed: what a waiver's image scope is compared with. */
  readonly repository?: string;
  readonly objections: readonly Objection[];
}

/** What decides in addition to the findings. */
export interface Circumstances {
  readonly mode: Mode;
  readonly namespace: string;
  readonly waivers: WaiverRegistry;
  /** Waivers that would set findings aside and do not count, with the reason by id. */
  readonly ignored?: { readonly waivers: WaiverRegistry; readonly because: ReadonlyMap<string, string> };
  /** What is switched off for the namespace, which is in enforce then. */
  readonly softening?: Softening | undefined;
  readonly now: Date;
}

/**
 * The verdict: findings that a waiver covers at `now` are set aside, faults never do, and the mode says what the
 * rest means. Pure; the one place where a refusal is made.
 */
export function decide(examined: readonly ImageFindings[], circumstances: Circumstances): Verdict {
  const waived: Waived[] = [];
  const expired: Waived[] = [];
  const objections: Objection[] = [];
  const binding: Objection[] = [];
  const { mode, softening } = circumstances;
  for (const image of examined) {
    for (const objection of image.objections) {
      const used = waiverFor(coveringWaiver, objection, image, circumstances);
      if (used !== undefined) {
        waived.push(used);
        continue;
      }
      const ended = waiverFor(expiredWaiver, objection, image, circumstances);
      if (ended !== undefined) expired.push(ended);
      const why = ignoredBecause(objection, image, circumstances);
      const told = why === undefined ? objection : withReason(objection, why);
      objections.push(told);
      if (softening !== undefined && isBinding(objection, image, softening)) binding.push(told);
    }
  }
  return {
    ...(softening === undefined
      ? { decision: decision(objections.length > 0, mode), mode }
      : softened(objections, binding, softening)),
    objections,
    waived,
    ...(expired.length > 0 && { expired }),
    judged: examined.map(({ judged }) => judged),
  };
}

/** The verdict where nothing could be found out: refused in enforce, admitted with a warning elsewhere. */
export function faultVerdict(fault: Pick<Fault, "code" | "message" | "advice">, mode: Mode): Verdict {
  const refused = mode === "enforce" ? "deny" : "warn";
  return { decision: refused, mode, objections: [noticeOf(fault)], waived: [], judged: [] };
}

function decision(refused: boolean, mode: Mode): Verdict["decision"] {
  if (!refused || mode === "off") return "allow";
  return mode === "enforce" ? "deny" : "warn";
}

/** Faults are never waived. */
function waiverFor(
  find: typeof coveringWaiver,
  objection: Objection,
  image: ImageFindings,
  { waivers, namespace, now }: Pick<Circumstances, "waivers" | "namespace" | "now">,
): Waived | undefined {
  if (objection.kind !== "finding" || image.repository === undefined) return undefined;
  const waiver = find(waivers, objection, { image: image.repository, namespace, now });
  if (waiver === undefined) return undefined;
  const { id, owners, until } = waiver;
  const leftMs = Math.max(0, until.getTime() - now.getTime());
  return { finding: objection, waiver: { id, owners, until, leftMs } };
}

/** Where several objections are one line, the parts of a message are what people read: they have the reason, too. */
function withReason(objection: Objection, why: string): Objection {
  const message = `${objection.message}; ${why}`;
  if (objection.kind === "fault" || objection.lack === undefined) return { ...objection, message };
  const { lack } = objection;
  return { ...objection, message, lack: { ...lack, rest: `${lack.rest}; ${why}` } };
}

/** A waiver that would help, and why it does not. */
function ignoredBecause(
  objection: Objection,
  image: ImageFindings,
  { ignored, namespace, now }: Circumstances,
): string | undefined {
  if (ignored === undefined) return undefined;
  const { waivers, because } = ignored;
  const found = waiverFor(coveringWaiver, objection, image, { waivers, namespace, now });
  return (
    found && `waiver ${found.waiver.id} is ignored: ${because.get(found.waiver.id) ?? "it is not approved"}`
  );
}
