import * as fc from "fast-check";

/** Texts that readers trip over: empty, long, invisible, bidirectional, half of a pair, names of the prototype, near misses. */
const TEXTS: readonly string[] = [
  "",
  " ",
  "\n",
  "\0",
  "\u202e",
  "\ufeff",
  "\ud800",
  "\udc00x",
  "é",
  "e\u0301",
  "ﬀ",
  "İ",
  "x".repeat(300),
  "a/".repeat(400),
  '\\"'.repeat(200),
  "__proto__",
  "constructor",
  "toString",
  "null",
  "true",
  "~",
  "1e999",
  "0x10",
  "-0",
  "2026-02-30T00:00:00Z",
  "2026-11-24T09:00:00Z",
  "9999-12-31T23:59:59.999999999+23:59",
  "1h",
  "106751d",
  `sha256:${"a".repeat(64)}`,
  `sha256:${"A".repeat(64)}`,
  `sha512:${"0".repeat(128)}`,
  "ghcr.io/acme/app",
  `ghcr.io/acme/app@sha256:${"b".repeat(64)}`,
  "*",
  "**",
  "^.*$",
  "^(a{1,1000}){1,1000}$",
  "AA==",
  "e30=",
  "e30",
];

const NUMBERS: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.5,
  63,
  64,
  65,
  2 ** 31,
  2 ** 53,
  -(2 ** 53),
  1e21,
  1.7976931348623157e308,
  5e-324,
];

/** Keys that an object gets, or that one of its keys becomes. */
export const hostileKeys: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "length",
    "0",
    "image",
    "Image",
    "ｉmage",
    "key\n",
  ),
  fc.string({ unit: "binary", maxLength: 6 }),
);

/** Values of every JSON type, many of them at a border. */
export const hostileValues: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<unknown>(...TEXTS) },
  { weight: 3, arbitrary: fc.constantFrom<unknown>(...NUMBERS) },
  { weight: 3, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { "": null }) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  { weight: 1, arbitrary: fc.nat({ max: 200 }).map(nested) },
  { weight: 1, arbitrary: fc.nat({ max: 3000 }).map((length) => "a".repeat(length)) },
);

/** A list in a list in a list. */
function nested(depth: number): unknown {
  let value: unknown = [];
  for (let at = 0; at < depth; at++) value = at % 2 === 0 ? [value] : { a: value };
  return value;
}
