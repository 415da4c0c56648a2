import { z } from "zod";

import { type Finding, type ImageRef, isPinned, repositoryName, type Subject } from "../../core/index.ts";
import { defineGate } from "./gate.ts";

/**
 * The image is named by digest. Asked of every image in an enforcing namespace, whatever its rule says, and before
 * anything is fetched; in a rule on its own it says "from here, a pinned digest is all we ask".
 */
export const reference = defineGate({
  name: "reference",
  summary:
    "The image must be named by digest. This is always required; alone in a rule it means that nothing else is.",
  settings: z.strictObject({
    pinned: z.literal(true).describe("The image must be named by digest."),
    checkpoints: z
      .enum(["refused", "allowed"])
      .optional()
      .describe(
        "Whether checkpoints of running containers may run. refused: the image's manifest is read to find out, one additional request for an image that the replica has not seen. Absent: they are refused if the manifest is read anyway. allowed: they may run if every rule for the image says so.",
      ),
  }),
  needsEvidence: false,
  needsAllEvidence: () => false,
  predicateTypes: () => [],
  authorities: () => [],
  checkpoints: ({ checkpoints }) => checkpoints,
  objections: (_, { image }) =>
    isPinned(image) ? [] : [{ code: "reference/unpinned", message: unpinnedMessage(image) }],
});

/** The finding reference/unpinned where an image is not named by digest. */
export function unpinned(subject: Subject, image: ImageRef): Finding[] {
  if (isPinned(image)) return [];
  return [{ kind: "finding", code: "reference/unpinned", subject, message: unpinnedMessage(image) }];
}

function unpinnedMessage(image: ImageRef): string {
  return image.tag === undefined
    ? `${repositoryName(image)} is named without a digest`
    : `it is named by the tag ${image.tag}, which can move`;
}
