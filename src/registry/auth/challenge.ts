/** One way that a server offers to sign in: RFC 9110 §11.6.1. */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly params: Readonly<Record<string, string>>;
}

const MAX_TEXT = 8192;
const GAP = /[\s,]*/y;
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\[^])*)"/y;
const TOKEN68 = /[ \t]+[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;

/**
 * The challenges in a `WWW-Authenticate` header, in their order; several headers joined by commas are fine.
 * Linear; reads up to the first thing that is no challenge, and nothing of a text longer than 8 KiB.
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

/** Takes one scheme or one parameter; false where neither stands next. */
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
  const value = scan(QUOTED)?.[1]?.replaceAll(/\\([^])/g, "$1") ?? scan(TOKEN)?.[0];
  if (params === undefined || value === undefined) return false;
  params[name] ??= value;
  return true;
}

type Scan = (pattern: RegExp) => RegExpExecArray | undefined;

/** Matches one sticky pattern after another, from where the last match ended. */
function scanner(text: string): Scan {
  let at = 0;
  return (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text) ?? undefined;
    if (found !== undefined) at = pattern.lastIndex;
    return found;
  };
}
