import { QUOTED, type Scan, scanner, TOKEN, unescaped } from "./scan.ts";

/** One link of a `Link` header. */
export interface Link {
  /** As it is written: absolute, or relative to the address of the answer. */
  readonly target: string;
  /** Relation types in lower case, at least one. */
  readonly relations: readonly string[];
  /** What the link speaks of where that is not the answer itself (RFC 8288 §3.2). */
  readonly anchor: string | undefined;
}

/** Characters of all links of one answer together; an answer's headers have 32 KiB. */
export const MAX_LINK_TEXT = 16 * 1024;

const BETWEEN = /[ \t]*(?:,[ \t]*)+|[ \t]*$/y;
const BEFORE_FIRST = /[ \t,]*/y;
const END = /$/y;
const TARGET = /<([^<>\p{Cc}]*)>/uy;
const SEMICOLON = /[ \t]*;[ \t]*/y;
const EQUALS = /[ \t]*=[ \t]*/y;
/** RFC 8288 writes other characters in quotes; RFC 5988, before it, left them bare in media types and addresses. */
const BARE = /[^\s",;<>\\]+/y;

/**
 * The links of a `Link` header, several headers joined by commas: RFC 8288 §3. Parameters in any order, names and relation
 * types in any case, commas and semicolons within quotes, empty elements. Of a parameter that is repeated the first counts
 * (§3.3). Undefined where any part cannot be read, a link has no relation type, or the text is longer than 16 KiB: what was
 * not read might be the link that is wanted. Linear.
 */
export function parseLinks(text: string): Link[] | undefined {
  if (text.length > MAX_LINK_TEXT) return undefined;
  const scan = scanner(text);
  const links: Link[] = [];
  scan(BEFORE_FIRST);
  while (scan(END) === undefined) {
    const link = readLink(scan);
    if (link === undefined || scan(BETWEEN) === undefined) return undefined;
    links.push(link);
  }
  return links;
}

function readLink(scan: Scan): Link | undefined {
  const target = scan(TARGET)?.[1];
  const params = target === undefined ? undefined : readParams(scan);
  const relations = params
    ?.get("rel")
    ?.toLowerCase()
    .split(/[ \t]+/)
    .filter((each) => each !== "");
  if (target === undefined || relations === undefined || relations.length === 0) return undefined;
  return { target, relations, anchor: params?.get("anchor") };
}

/** Undefined where something follows that is not a parameter. */
function readParams(scan: Scan): ReadonlyMap<string, string> | undefined {
  const params = new Map<string, string>();
  while (scan(SEMICOLON) !== undefined) {
    const name = scan(TOKEN)?.[0].toLowerCase();
    if (name === undefined) continue; // nothing between two semicolons
    const value = scan(EQUALS) === undefined ? "" : readValue(scan);
    if (value === undefined) return undefined;
    if (!params.has(name)) params.set(name, value);
  }
  return params;
}

function readValue(scan: Scan): string | undefined {
  const quoted = scan(QUOTED)?.[1];
  return quoted === undefined ? scan(BARE)?.[0] : unescaped(quoted);
}
