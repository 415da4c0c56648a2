import * as fc from "fast-check";
import { parse, stringify } from "yaml";

import { editedTexts, tokenSoup } from "./edited-texts.ts";
import { mutatedValues } from "./mutated-values.ts";

/** The parser of YAML reads a few hundred kilobytes a second: longer texts take longer for no other reason. */
const MAX = 4 * 1024;

/** What YAML is made of. */
const TOKENS: readonly string[] = [
  "- ",
  ": ",
  "? ",
  "{",
  "}",
  "[",
  "]",
  ",",
  "'",
  '"',
  "#",
  "|",
  ">",
  "|-\n  ",
  "&a ",
  "*a",
  "!!str ",
  "!x ",
  "<<: ",
  "---\n",
  "...\n",
  "%YAML 1.1\n",
  "\n",
  "  ",
  "\t",
  "\r\n",
  "\u0085",
  "\u2028",
  "~",
  "null",
  "yes",
  "0o17",
  ".nan",
  "__proto__: ",
];

/** Documents as people write them: these texts, changed as values or as text; and texts that are none of them. */
export function yamlTexts(valid: readonly string[]): fc.Arbitrary<string> {
  const values = mutatedValues(valid.map((each) => parse(each) as unknown));
  const rendered = fc.tuple(values, fc.boolean()).map(([value, isJson]) => {
    const json = JSON.stringify(value);
    return (isJson || json.length > MAX ? json : stringify(value)).slice(0, MAX);
  });
  return fc.oneof(
    { weight: 6, arbitrary: rendered },
    { weight: 4, arbitrary: editedTexts(fc.constantFrom(...valid), TOKENS, MAX) },
    { weight: 2, arbitrary: editedTexts(rendered, TOKENS, MAX) },
    { weight: 1, arbitrary: tokenSoup(TOKENS) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  );
}
