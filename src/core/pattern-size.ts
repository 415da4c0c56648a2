/** What a class of a whole category or script costs, in single characters. */
const CATEGORY = 20;
/** A quotation, an escape, a class, a counted repetition, the head of a group, or one character. */
const TOKEN =
  /\\Q[^]*?(?:\\E|$)|\\[pP](?:\{[^}]*\}|.)|\\.|\[\^?\]?(?:\\.|\[:[a-z^]+:\]|[^\]\\])*\]|\{\d+(?:,\d*)?\}|\((?:\?[^()]*?[:>])?|[^]/gsu;

interface Open {
  /** Of everything so far. */
  total: number;
  /** Of the part that a repetition would repeat. */
  last: number;
}

/**
 * How many characters and classes an expression in RE2 syntax is with its counted repetitions written out, which is what
 * compiling it costs, and each step of matching. Of a text that does not compile, some number. Linear.
 */
export function expandedSize(expression: string): number {
  const open: Open[] = [{ total: 0, last: 0 }];
  for (const [token] of expression.matchAll(TOKEN)) {
    if (token.startsWith("(")) open.push({ total: 0, last: 0 });
    else if (token === ")") close(open);
    else if (/^\{\d/.test(token)) repeat(open.at(-1)!, token);
    else add(open.at(-1)!, sizeOf(token));
  }
  while (open.length > 1) close(open);
  return open[0]!.total;
}

function sizeOf(token: string): number {
  if (/^[|?*+^$]$/.test(token)) return 0;
  if (token.startsWith("\\Q")) return token.length;
  return CATEGORY * (token.match(/\\[pP]/g) ?? []).length + 1;
}

function close(open: Open[]): void {
  const { total } = open.length > 1 ? open.pop()! : { total: 0 };
  add(open.at(-1)!, total);
}

function add(here: Open, size: number): void {
  here.total += size;
  if (size > 0) here.last = size;
}

function repeat(here: Open, counted: string): void {
  const times = Math.max(1, ...(counted.match(/\d+/g) ?? []).map(Number));
  here.total += here.last * (times - 1);
  here.last *= times;
}
