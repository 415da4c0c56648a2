import { z } from "zod";

import { parseDuration } from "./time.ts";

/** A name that other parts of a document refer to. */
export const Name = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/,
    "A name is 1 to 63 lower-case letters, digits, dots and dashes.",
  );

/** A duration such as `7d` or `36h`, as it is written. */
export const DurationText = z.string().refine((text) => parseDuration(text) !== undefined, {
  params: { rule: "bad-duration" },
  message: "A duration is numbers with w, d, h, m or s, such as 7d or 1h30m.",
});

/** A duration such as `7d` or `36h`, in ms once it is read. */
export const Duration = DurationText.transform((text): number => parseDuration(text)!);
