import * as fc from "fast-check";

import { compileCel } from "../../../src/policy/cel-expression.ts";
import { editedTexts, tokenSoup } from "../generate/edited-texts.ts";
import { mutatedValues } from "../generate/mutated-values.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const VALID = [
  'predicate.scanner.uri.startsWith("pkg:github/acme/")',
  'predicate.items.all(x, x.score < 7.0 && x.id != "")',
  'digest.matches("^sha256:[0-9a-f]{64}$") && size(predicate.items) < 100',
  'has(predicate.a) ? predicate.a in ["b", "c"] : signer == issuer',
];
const TOKENS = [
  "(",
  ")",
  "[",
  "]",
  ".",
  "&&",
  "||",
  "!",
  "?",
  ":",
  "==",
  "in",
  '"',
  "'",
  "predicate",
  ".all(x, ",
  ".map(y, ",
  "has(",
  "1.0",
  "-",
  "{",
  "}",
  "size(",
];
const PREDICATES = [
  {
    scanner: { uri: "pkg:github/acme/x" },
    items: [
      { id: "a", score: 1.5 },
      { id: "b", score: 9 },
    ],
    a: "b",
  },
];

/** Expressions of policies over predicates: compiled or refused, true or why not. */
export function open(): AnyTarget {
  return target({
    inputs: fc.record({
      text: fc.oneof(editedTexts(fc.constantFrom(...VALID), TOKENS, 400), tokenSoup(TOKENS, 30)),
      predicate: mutatedValues(PREDICATES, 4),
    }),
    call: ({ text, predicate }) => {
      const compiled = compileCel(text);
      if (!compiled.ok) return compiled.why;
      const told = {
        predicateType: "https://acme.example/v1",
        digest: "sha256:0",
        repository: "a/b",
        signer: "s",
        issuer: "i",
      };
      return compiled.expression.refusal({ predicate, ...told });
    },
    check: (why) => hold(why === undefined || why !== "", "it does not say why"),
  });
}
