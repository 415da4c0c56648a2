import { digestOf, splitDigest } from "../../../src/core/index.ts";
import { parseStored, formatStored } from "../../../src/evidence-files/schema.ts";
import { jsonTexts } from "../generate/json-texts.ts";
import { mutatedValues } from "../generate/mutated-values.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const KEY = "a key";

/** Files in which attachments outlive the process: what is recalled has its digests, or nothing is. */
export function open(): AnyTarget {
  const bytes = Buffer.from("a bundle");
  const layer = {
    form: "bundle",
    mediaType: "x",
    digest: digestOf(bytes),
    bytes,
    annotations: { a: "b" },
  } as const;
  const attachments = {
    subject: digestOf("an image"),
    found: [layer],
    skipped: [],
    gaps: [],
    searched: ["referrers API"],
  };
  const text = formatStored(KEY, attachments, new Date("2026-11-24T09:00:00Z"));
  return target({
    inputs: jsonTexts(mutatedValues([JSON.parse(text)], 4)),
    call: (given) => parseStored(KEY, given),
    check: (recalled) => {
      if (recalled === undefined) return;
      hold(!Number.isNaN(recalled.at.getTime()), "it was kept at no time");
      const { found } = recalled.attachments;
      const isWhole = found.every(
        (each) => digestOf(each.bytes, splitDigest(each.digest).algorithm) === each.digest,
      );
      hold(isWhole, "bytes do not have their digest");
    },
  });
}
