import { z } from "zod";

import { type Mode, MODE_LABEL, modeOfLabel, parseMode, printable, stricterMode } from "../core/index.ts";
import { lacking, type May } from "./guard.ts";
import { type AnsweredReview, pass, refuse } from "./response.ts";
import type { AdmissionRequest } from "./review.ts";

const Labelled = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).nullish() }),
});

/**
 * Judges a write of a namespace through any of its subresources: all of them write labels. Refuses a namespace whose mode label spells no mode, and one whose mode is lowered by somebody without the right to: a
 * tenant who may edit the namespace must not label it out.
 */
export async function guardMode(
  request: AdmissionRequest,
  defaultMode: Mode,
  may: May,
): Promise<AnsweredReview> {
  const { uid, name, operation, object, oldObject } = request;
  const labels = labelsOf(object);
  if (labels === undefined) return refuse(uid, "the namespace's labels cannot be read");
  const label = labels[MODE_LABEL];
  if (label !== undefined && parseMode(label) === undefined) {
    return refuse(uid, `${MODE_LABEL}=${printable(label, 63)} is no mode; write enforce, advisory or off`);
  }
  const before = operation === "UPDATE" ? modeIn(labelsOf(oldObject), defaultMode) : defaultMode;
  const after = modeIn(labels, defaultMode);
  if (stricterMode(before, after) === after) return pass(uid);
  const denied = await lacking(request, { verb: "lower", resource: "namespacemodes", name }, may);
  if (denied === undefined) return pass(uid);
  return refuse(uid, printable(`namespace ${name} would go from ${before} to ${after}. ${denied}`, 1024));
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
