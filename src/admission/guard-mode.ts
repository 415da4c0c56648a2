import { z } from "zod";

import { type Mode, MODE_LABEL, parseMode, printable, stricterMode } from "../core/index.ts";
import { lacking, type May } from "./guard.ts";
import { type AnsweredReview, pass, refuse } from "./response.ts";
import type { AdmissionRequest } from "./review.ts";

const Labelled = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).nullish() }),
});

/**
 * Refuses a namespace whose mode label spells no mode, and one whose mode is lowered by somebody without the right to: a
 * tenant who may edit the namespace must not label it out.
 */
export async function guardMode(
  request: AdmissionRequest,
  defaultMode: Mode,
  may: May,
): Promise<AnsweredReview> {
  const { uid, name, operation, object, oldObject } = request;
  const label = labelOf(object);
  if (label !== undefined && parseMode(label) === undefined) {
    return refuse(uid, `${MODE_LABEL}=${printable(label, 63)} is no mode; write enforce, advisory or off`);
  }
  const before = operation === "UPDATE" ? modeOf(oldObject, defaultMode) : defaultMode;
  const after = modeOf(object, defaultMode);
  if (stricterMode(before, after) === after) return pass(uid);
  const denied = await lacking(request, { verb: "lower", resource: "namespacemodes", name }, may);
  if (denied === undefined) return pass(uid);
  return refuse(uid, printable(`namespace ${name} would go from ${before} to ${after}. ${denied}`, 1024));
}

/** A label that spells no mode counts as enforce, here as everywhere. */
function modeOf(namespace: unknown, defaultMode: Mode): Mode {
  const label = labelOf(namespace);
  return label === undefined ? defaultMode : (parseMode(label) ?? "enforce");
}

function labelOf(namespace: unknown): string | undefined {
  return Labelled.safeParse(namespace).data?.metadata.labels?.[MODE_LABEL];
}
