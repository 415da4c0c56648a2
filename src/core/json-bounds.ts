/** How much of what costs more than its bytes a JSON text may hold; no limit where absent. */
export interface JsonBounds {
  /** Brackets open at once. */
  readonly depth?: number;
  /** Values, at any depth. */
  readonly values?: number;
  /** Keys written with a backslash, each time that they occur. */
  readonly escapedKeys?: number;
}

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];
const SPACES: readonly number[] = [0x20, 0x09, 0x0a, 0x0d];

/**
 * Which bound a text exceeds, as words that name it; undefined where it keeps all. Of a text that is not JSON it says
 * anything, and never throws. One pass over the characters, which ends at the first one too many.
 */
export function jsonExcess(text: string, bounds: JsonBounds): string | undefined {
  const most = { depth: Infinity, values: Infinity, escapedKeys: Infinity, ...bounds };
  const seen = { depth: 0, values: 1, escapedKeys: 0 };
  const seesKeys = most.escapedKeys !== Infinity && text.includes("\\");
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      const end = endOfString(text, at + 1);
      if (seesKeys && isEscapedKey(text, at, end)) seen.escapedKeys += 1;
      at = end - 1;
    } else if (!count(char, seen)) continue;
    const excess = firstOver(seen, most);
    if (excess !== undefined) return excess;
  }
  return undefined;
}

/** Whether a character outside strings adds to what is counted. */
function count(char: number, seen: Record<keyof JsonBounds, number>): boolean {
  switch (char) {
    case 0x5b: // [
    case 0x7b: // {
      seen.depth += 1;
      seen.values += 1;
      return true;
    case 0x2c: // ,
      seen.values += 1;
      return true;
    case 0x5d: // ]
    case 0x7d: // }
      seen.depth -= 1;
      return false;
    default:
      return false;
  }
}

function firstOver(seen: Required<JsonBounds>, most: Required<JsonBounds>): string | undefined {
  if (seen.values > most.values) return `more than ${most.values} values`;
  if (seen.depth > most.depth) return `nested deeper than ${most.depth}`;
  return seen.escapedKeys > most.escapedKeys ? keysPast(most.escapedKeys) : undefined;
}

/** The words for too many keys with escapes. */
export function keysPast(most: number): string {
  return `more than ${most} keys written with escapes`;
}

function isEscapedKey(text: string, start: number, end: number): boolean {
  return isKey(text, end) && text.slice(start, end).includes("\\");
}

/** Whether a string that ends before `end` is a key: a colon follows. */
export function isKey(text: string, end: number): boolean {
  let at = end;
  while (SPACES.includes(text.charCodeAt(at))) at += 1;
  return text.charCodeAt(at) === COLON;
}

/** The place after the closing quote of the JSON string that holds `at`; past the text where nothing closes it. */
export function endOfString(text: string, at: number): number {
  let end = at;
  for (;;) {
    const char = text.charCodeAt(end); // NaN past the end
    if (char === QUOTE || Number.isNaN(char)) return end + 1;
    end += char === BACKSLASH ? 2 : 1;
  }
}
