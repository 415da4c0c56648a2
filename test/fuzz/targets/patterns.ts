import * as fc from "fast-check";

import { compileGlob, compilePattern } from "../../../src/core/index.ts";
import { editedTexts, tokenSoup } from "../generate/edited-texts.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const VALID = [
  "^https://github\\.com/acme/[a-z]+@refs/(heads|tags)/v?[0-9.]{1,8}$",
  "ghcr.io/acme/**",
  "ghcr.io/*/app-*",
];
const TOKENS = [
  "*",
  "**",
  "a",
  "/",
  ".",
  "^",
  "$",
  "(",
  ")",
  "|",
  "+",
  "?",
  "{1,30}",
  "{1000}",
  "[a-z]",
  "\\",
  "(?i)",
  "\\pL",
  ".*",
];
const STRANGER = "https://stranger.invalid/a/b@c";

/** Globs and RE2 patterns: compiled or refused, matched in time, and none accepts anyone. */
export function open(): AnyTarget {
  const texts = fc.oneof(editedTexts(fc.constantFrom(...VALID), TOKENS, 600), tokenSoup(TOKENS, 60));
  const subject = fc.oneof(
    fc.constantFrom("a".repeat(2048), "a/".repeat(1024), STRANGER, ""),
    fc.string({ unit: "binary", maxLength: 100 }),
  );
  return target({
    inputs: fc.record({ pattern: texts, subject }),
    call: ({ pattern, subject: text }) => {
      const compiled = [compileGlob(pattern), compilePattern(pattern), compilePattern(`^${pattern}$`)];
      return compiled.map((each) => ({ each, matches: each.ok && each.pattern.matches(text) }));
    },
    check: ([glob, ...patterns], { pattern, subject: text }) => {
      for (const { each } of [glob!, ...patterns]) hold(each.ok || each.why !== "", "it does not say why");
      if (glob!.each.ok && !pattern.includes("*"))
        hold(glob!.matches === (text === pattern), "a glob without stars is no text");
      hold(!patterns.some(({ each }) => each.ok && each.pattern.matches(STRANGER)), "it accepts anyone");
    },
  });
}
