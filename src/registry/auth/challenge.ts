import { QUOTED, type Scan, scanner, TOKEN, unescaped } from "../http/scan.ts";

/** One way that a server offers to sign in: RFC 9110 §11.6.1. */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly params: Readonly<Record<string, string>>;
}

const MAX_TEXT = 8192;
const GAP = /[\s,]*/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const TOKEN68 = /[ \t]+[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;

/**
 * The challenges in a `WWW-Authenticate` header, in their order; several headers joined by commas are fine.
 * Linear; reads up to the first thing that is not a challenge, and nothing of a text longer than 8 KiB.
 */
export function parseChallenges(text: string): Challenge[] {
  if (text.length > MAX_TEXT) return [];
  const scan = scanner(text);
  const challenges: OpenChallenge[] = [];
  while (readPart(scan, challenges));
  return challenges;
}

interface OpenChallenge {
  readonly scheme: string;
  readonly params: Record<string, string>;
}

/** Takes one scheme or one parameter; false where neither is next. */
function readPart(scan: Scan, challenges: OpenChallenge[]): boolean {
  scan(GAP);
  const name = scan(TOKEN)?.[0]?.toLowerCase();
  if (name === undefined) return false;
  if (scan(EQUALS) !== undefined) return readValue(scan, name, challenges.at(-1)?.params);
  challenges.push({ scheme: name, params: Object.create(null) });
  scan(TOKEN68);
  return true;
}

function readValue(scan: Scan, name: string, params: Record<string, string> | undefined): boolean {
  const quoted = scan(QUOTED)?.[1];
  const value = quoted === undefined ? scan(TOKEN)?.[0] : unescaped(quoted);
  if (params === undefined || value === undefined) return false;
  params[name] ??= value;
  return true;
}
