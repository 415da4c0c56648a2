import { z } from "zod";

import type { DeadText } from "./exact-texts.ts";
import { compilePattern, exactly, isExact, type Pattern } from "./pattern.ts";

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

/** The same, where an exact text that can never match is an error that says how it is written. */
export function textMatcher(deadText: (text: string) => DeadText) {
  return TextMatcher.superRefine((pattern, context) => {
    const why = isExact(pattern) ? deadText(pattern.source) : undefined;
    if (why !== undefined)
      context.addIssue({
        code: "custom",
        params: { rule: "never-matches" },
        message: `It can never match: ${why}.`,
      });
  });
}
