import { RE2JS } from "re2js";

import { expandedSize } from "./pattern-size.ts";

/** Something that a whole text is compared with. Linear in the text's length, no matter who wrote it. */
export interface Pattern {
  /** As the policy's author wrote it. */
  readonly source: string;
  /** Every text that it matches begins with this; empty where nothing is known. */
  readonly start: string;
  /** Whether it matches the whole of `text`; texts over 2,048 characters match nothing. */
  readonly matches: (text: string) => boolean;
}

/** A compiled pattern, or one clause that says why there is none. */
export type Compiled =
  | { readonly ok: true; readonly pattern: Pattern }
  | { readonly ok: false; readonly why: string };

const MAX_SOURCE = 512;
const MAX_TEXT = 2048;
const MAX_STARS = 16;
/** Past a few tens of thousands compiling takes seconds, and matching one text as long. */
const MAX_EXPANDED = 2000;
const GLOB = /^[a-zA-Z0-9._:/*\-[\]]+$/;
/** Identities that no policy means: a pattern that accepts one of them accepts anyone. */
const STRANGERS = ["", "x", "https://stranger.invalid/a/b@c", "stranger@stranger.invalid"] as const;

/** Exactly this text. */
export function exactly(source: string): Pattern {
  return { source, start: source, matches: (text) => text === source };
}

/** Whether a pattern represents its own text and no other. */
export function isExact({ source, start }: Pattern): boolean {
  return source !== "" && start === source;
}

/**
 * A glob over names with slashes: `*` stays inside a segment, `**` crosses segments, everything else is literal,
 * and the whole name must match.
 */
export function compileGlob(glob: string): Compiled {
  if (glob.length > MAX_SOURCE) return no(`it is longer than ${MAX_SOURCE} characters`);
  if (!GLOB.test(glob)) return no("it contains characters other than letters, digits and . _ - : / [ ] *");
  if (glob.includes("***")) return no("it contains three stars in a row; ** crosses slashes, * does not");
  const parts = glob.split(/(\*\*|\*)/);
  if (parts.length > 2 * MAX_STARS) return no(`it contains more than ${MAX_STARS} stars`);
  if (parts.length === 1) return { ok: true, pattern: exactly(glob) };
  return compile(parts.map(globPart).join(""), { source: glob, start: parts[0]! });
}

const MAX_HOST = 255;
const HOST_GLOB = /^(?:[a-z0-9._*?-]|\[\^?(?:[a-z0-9](?:-[a-z0-9])?)+\])+(?::\d+)?$/;
const HOST_PARTS = /\*+|\?|\[[^\]]+\]|[^*?[]+/g;

/**
 * A glob over hosts as the kubelet reads the keys of a docker config: `*`, `?` and `[a-z]` stay between dots, and ports must
 * be equal. Source: Kubernetes docs, "Images", Interpretation of config.json. Undefined where it is none.
 */
export function compileHostGlob(host: string): Pattern | undefined {
  if (host.length > MAX_HOST || !/[*?[]/.test(host) || !HOST_GLOB.test(host)) return undefined;
  const compiled = compile(host.replaceAll(HOST_PARTS, hostPart), { source: host, start: "" });
  return compiled.ok ? compiled.pattern : undefined;
}

function hostPart(part: string): string {
  if (part.startsWith("*")) return "[^.:]*";
  if (part === "?") return "[^.:]";
  if (part.startsWith("[^")) return `[^.:${part.slice(2)}`;
  return part.startsWith("[") ? part : RE2JS.quote(part);
}

/**
 * A regular expression in RE2 syntax, for certificate identities and claims. Must be written with `^` and `$`, so
 * that a reader sees what the engine does anyway, and must not accept anyone.
 * Source: https://github.com/google/re2/wiki/Syntax.
 */
export function compilePattern(text: string): Compiled {
  if (text.length > MAX_SOURCE) return no(`it is longer than ${MAX_SOURCE} characters`);
  if (!text.startsWith("^") || !text.endsWith("$"))
    return no("it is unanchored: begin it with ^ and end it with $");
  if (expandedSize(text) > MAX_EXPANDED)
    return no(
      `it is too large with its repetitions written out: over ${MAX_EXPANDED} characters and classes`,
    );
  const compiled = compile(text, { source: text, start: "" });
  if (!compiled.ok) return compiled;
  const stranger = STRANGERS.find((each) => compiled.pattern.matches(each));
  return stranger === undefined ? compiled : no(`it accepts anyone, for example "${stranger}"`);
}

function globPart(part: string): string {
  if (part === "**") return ".*";
  return part === "*" ? "[^/]*" : RE2JS.quote(part);
}

function compile(expression: string, { source, start }: Omit<Pattern, "matches">): Compiled {
  try {
    const compiled = RE2JS.compile(expression);
    const matches = (text: string): boolean => text.length <= MAX_TEXT && compiled.matches(text);
    return { ok: true, pattern: { source, start, matches } };
  } catch (error) {
    return no(error instanceof Error ? error.message.slice(0, 120) : "it does not compile");
  }
}

function no(why: string): Compiled {
  return { ok: false, why };
}
