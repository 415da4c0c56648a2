import type { Waiver } from "../../../src/waivers/index.ts";
import type { FormedLayer } from "../../support/signed-layers.ts";

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
/** An object of these. */
export type JsonObject = { readonly [key: string]: Json };
/** A dotted path, and what stands there; null takes it away. */
export type Edit = readonly [path: string, value: Json];

/** One knob, what stands in the policy besides, and the two positions that must lead to different verdicts. */
export interface Row {
  readonly knob: string;
  readonly given?: readonly Edit[];
  readonly flip: readonly [from: Json, to: Json];
  /** Where the knob stands in the document. */
  readonly at: string;
  readonly layers?: readonly FormedLayer[];
  readonly image?: string;
  /** An annotation by which the image is a checkpoint of a running container. */
  readonly checkpoint?: string;
  readonly daysLater?: number;
  /** A waiver that covers whatever rule r finds, where the policy lets it count. */
  readonly waiver?: Waiver;
  /** A knob of words: both positions refuse, and say something else. */
  readonly isWording?: true;
}

/** The requirements of the one rule. */
export const REQUIRE = "rules.0.require";

/** A rule that asks nothing but this. */
export function asking(gate: string, settings: Json): Edit {
  return [REQUIRE, { [gate]: settings }];
}

/** A row for exact text and one for a pattern: both must hold, and neither may be ignored. */
export function matcherRows(knob: string, at: string, text: string, given: readonly Edit[] = []): Row[] {
  const pattern = `^${text.replace(/[.+?]/g, "\\$&")}$`;
  return [
    { knob, at, given, flip: [text, `${text}x`] },
    {
      knob: `${knob}.pattern`,
      at: `${at}.pattern`,
      given: [...given, [at, {}]],
      flip: [pattern, `${pattern.slice(0, -1)}x$`],
    },
  ];
}

/** What the knobs of a composition are tried with, and where it stands. */
export interface Composed {
  /** What the schema calls the place: `rules[].require.sbom`. */
  readonly knob: string;
  readonly at: string;
  /** The policy with these signers at that place. */
  readonly given: (signers: JsonObject) => Edit;
  /** What a and b signed, both of them; nobody is c. */
  readonly layers: readonly FormedLayer[];
}

/** A row for each way to say whose signatures count. */
export function signerRows({ knob, at, given, layers }: Composed): Row[] {
  const rows: readonly Omit<Row, "layers">[] = [
    { knob: `${knob}.anyOf[]`, at: `${at}.anyOf.0`, given: [given({ anyOf: ["a"] })], flip: ["a", "c"] },
    { knob: `${knob}.allOf[]`, at: `${at}.allOf.1`, given: [given({ allOf: ["a", "b"] })], flip: ["b", "c"] },
    {
      knob: `${knob}.threshold.count`,
      at: `${at}.threshold.count`,
      given: [given({ threshold: { count: 1, of: ["a", "c"] } })],
      flip: [1, 2],
    },
    {
      knob: `${knob}.threshold.of[]`,
      at: `${at}.threshold.of.1`,
      given: [given({ threshold: { count: 2, of: ["a", "b"] } })],
      flip: ["b", "c"],
    },
  ];
  return rows.map((row) => ({ ...row, layers }));
}

/** A copy of a document with the value at a dotted path replaced; null takes it away. */
export function edited(document: Json, [path, value]: Edit): Json {
  const copy = structuredClone(document) as Record<string, unknown>;
  let here = copy;
  const parts = path.split(".");
  for (const part of parts.slice(0, -1)) here = (here[part] ??= {}) as Record<string, unknown>;
  const last = parts.at(-1)!;
  if (value === null) delete here[last];
  else here[last] = value;
  return copy as Json;
}

/** The paths at which two documents differ, indices and names left out as the schema leaves them out. */
export function differences(a: unknown, b: unknown, path: readonly string[] = []): string[] {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null)
    return JSON.stringify(a) === JSON.stringify(b) ? [] : [path.join(".")];
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].flatMap((name) => {
    const [before, after] = [a, b].map((each) => (each as Readonly<Record<string, unknown>>)[name]);
    return differences(before, after, [...path, name]);
  });
}
