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
 * namespace must not label it out.
 */
export async function guardMode(request: AdmissionRequest, deps: ModeGuardDeps): Promise<AnsweredReview> {
  const { uid, name, operation, object, oldObject } = request;
  const labels = labelsOf(object);
  const before = operation === "UPDATE" ? modeIn(labelsOf(oldObject), deps.defaultMode) : deps.defaultMode;
  const record = (to: string, outcome: GuardOutcome): void => {
    const about = { resource: "namespacemodes", name, from: before, to, caller: deps.caller };
    deps.observe(guardRecord(request, about, outcome));
  };
  if (labels === undefined) {
    record("unreadable", { decision: "refused", reason: "unreadable" });
    return refuse(uid, "the namespace's labels cannot be read");
  }
  const label = labels[MODE_LABEL];
  if (label !== undefined && parseMode(label) === undefined) {
    record(label, { decision: "refused", reason: "unreadable" });
    return refuse(
      uid,
      `${MODE_LABEL}=${printable(label, 63)} is not a valid mode; use enforce, advisory or off`,
    );
  }
  const after = modeIn(labels, deps.defaultMode);
  if (after === before) return pass(uid);
  if (stricterMode(before, after) === after) {
    record(after, { decision: "allowed", reason: "as-strict" });
    return pass(uid);
  }
  const right = { verb: "lower", resource: "namespacemodes", name } as const;
  const missing = await missingRight(request, right, deps.may);
  if (missing === undefined) {
    record(after, { decision: "allowed", reason: "by-right" });
    return pass(uid);
  }
  record(after, { decision: "refused", reason: missing.reason });
  const change = `namespace ${name} would go from ${before} to ${after}.`;
  return refuse(uid, printable(`${change} ${missing.sentence}`, 1024));
}

type Labels = Readonly<Record<string, string>>;

/** What was not read may have been the strictest. */
function modeIn(labels: Labels | undefined, defaultMode: Mode): Mode {
  return labels === undefined ? "enforce" : (modeOfLabel(labels[MODE_LABEL]) ?? defaultMode);
}

/** The labels of a namespace; undefined where they cannot be read, which is not the same as none. */
function labelsOf(namespace: unknown): Labels | undefined {
  const read = Labelled.safeParse(namespace);
  return read.success ? (read.data.metadata.labels ?? {}) : undefined;
}
