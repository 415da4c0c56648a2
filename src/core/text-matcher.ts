import { z } from "zod";

import { compilePattern, exactly, type Pattern } from "./pattern.ts";

const MAX_TEXT = 512;

/** A text compared exactly, or `pattern:`, a regular expression in RE2 syntax that must match the whole text. */
export const TextMatcher = z.union([
  z.string().min(1, "Empty: it would match anyone.").max(MAX_TEXT).transform(exactly),
  z
    .strictObject({
      pattern: z
        .string()
        .max(MAX_TEXT)
        .transform((text, context): Pattern => {
          const compiled = compilePattern(text);
          if (compiled.ok) return compiled.pattern;
          context.addIssue({
            code: "custom",
            params: { rule: "bad-pattern" },
            message: `The pattern: ${compiled.why}.`,
          });
          return z.NEVER;
        })
        .describe("A regular expression in RE2 syntax, written with ^ and $."),
    })
    .transform(({ pattern }) => pattern),
]);
