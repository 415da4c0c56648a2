import { z } from "zod";

import { type AdmissionRequest, type AnsweredReview, pass, refuse } from "../admission/index.ts";
import {
  type Mode,
  MODE_LABEL,
  modeOfLabel,
  parseMode,
  printable,
  stricterMode,
  TextMap,
} from "../core/index.ts";
import { missingRight } from "./edit-rights.ts";
import { type GuardOutcome, guardRecord } from "./guard-record.ts";
import type { GuardDeps } from "./ports.ts";

const Labelled = z.object({
  metadata: z.object({ labels: TextMap.nullish() }),
});

/** What the guard of modes takes from outside. */
export type ModeGuardDeps = Pick<GuardDeps, "caller" | "defaultMode" | "may" | "observe">;

/**
 * Judges a write of a namespace through any of its subresources: all of them write labels. Refuses a namespace whose
 * mode label spells no mode, and one whose mode is lowered by someone without the right to: a tenant who may edit the
 * namespace must not label it out. Where the webhook configuration says another default mode than this replica was
 * started with, the mode must not be lowered under either: it is being rolled out.
 */
export async function guardMode(
  request: AdmissionRequest,
  deps: ModeGuardDeps,
  configuredDefault: Mode = deps.defaultMode,
): Promise<AnsweredReview> {
  const { uid, name, object } = request;
  const labels = labelsOf(object);
  const record = (from: string, to: string, outcome: GuardOutcome): void => {
    const about = { resource: "namespacemodes", name, from, to, caller: deps.caller };
    deps.observe(guardRecord(request, about, outcome));
  };
  if (labels === undefined) {
    record(modeBefore(request, deps.defaultMode), "unreadable", {
      decision: "refused",
      reason: "unreadable",
    });
    return refuse(uid, "the namespace's labels cannot be read");
  }
  const label = labels[MODE_LABEL];
  if (label !== undefined && parseMode(label) === undefined) {
    record(modeBefore(request, deps.defaultMode), label, { decision: "refused", reason: "unreadable" });
    return refuse(
      uid,
      `${MODE_LABEL}=${printable(label, 63)} is not a valid mode; use enforce, advisory or off`,
    );
  }
  const changes = [deps.defaultMode, configuredDefault]
    .map((mode) => ({ before: modeBefore(request, mode), after: modeIn(labels, mode) }))
    .filter(({ before, after }) => before !== after);
  const lowered = changes.find(({ before, after }) => stricterMode(before, after) === before);
  if (lowered !== undefined) return onLowered(lowered, request, deps);
  const [raised] = changes;
  if (raised !== undefined) record(raised.before, raised.after, { decision: "allowed", reason: "as-strict" });
  return pass(uid);
}

async function onLowered(
  { before, after }: { readonly before: Mode; readonly after: Mode },
  request: AdmissionRequest,
  { caller, may, observe }: ModeGuardDeps,
): Promise<AnsweredReview> {
  const { uid, name } = request;
  const right = { verb: "lower", resource: "namespacemodes", name } as const;
  const missing = await missingRight(request, right, may);
  const about = { resource: "namespacemodes", name, from: before, to: after, caller };
  if (missing === undefined) {
    observe(guardRecord(request, about, { decision: "allowed", reason: "by-right" }));
    return pass(uid);
  }
  observe(guardRecord(request, about, { decision: "refused", reason: missing.reason }));
  const change = `namespace ${name} would go from ${before} to ${after}.`;
  return refuse(uid, printable(`${change} ${missing.sentence}`, 1024));
}

type Labels = Readonly<Record<string, string>>;

function modeBefore({ operation, oldObject }: AdmissionRequest, defaultMode: Mode): Mode {
  return operation === "UPDATE" ? modeIn(labelsOf(oldObject), defaultMode) : defaultMode;
}

/** What was not read may have been the strictest. */
function modeIn(labels: Labels | undefined, defaultMode: Mode): Mode {
  return labels === undefined ? "enforce" : (modeOfLabel(labels[MODE_LABEL]) ?? defaultMode);
}

/** The labels of a namespace; undefined where they cannot be read, which is not the same as none. */
function labelsOf(namespace: unknown): Labels | undefined {
  const read = Labelled.safeParse(namespace);
  return read.success ? (read.data.metadata.labels ?? {}) : undefined;
}
