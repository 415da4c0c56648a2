import { Lexer } from "yaml";

const MAX_OPEN = 64;
/** Each alias is looked for among all others: their number costs its square. */
const MAX_ALIASES = 1000;
const MAX_TOKENS = 600_000; // more than a document of 1 MiB that people wrote has, in however few lines
/**
 * Marks of the lexer's own, which are in the token stream and not in the text: a scalar follows, a document, a flow
 * ends.
 */
const MARKS: readonly string[] = ["\u001f", "\u0002", "\u0018"];

/** Why a text must not reach the parser, and where that shows. */
export interface Obstacle {
  readonly offset: number;
  readonly rule: "too-deep" | "too-large" | "yaml";
  readonly message: string;
}

/**
 * What would make a recursive parser fail or stall: brackets, or indicators on one line, nested deeper than 64, brackets
 * closed that none opened, more than 1,000 aliases, and more tokens than a document that people wrote can have. Read off the
 * tokens in one pass.
 * Depth by indentation needs no bound: it costs its square in text.
 */
export function obstacleIn(text: string, mostTokens = MAX_TOKENS): Obstacle | undefined {
  let brackets = 0;
  let indicators = 0;
  let offset = 0;
  let tokens = 0;
  let aliases = 0;
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    if (token.startsWith("*") && (aliases += 1) > MAX_ALIASES) return { offset, ...TOO_MANY_ALIASES };
    brackets += bracket(token);
    indicators = token.endsWith("\n") ? 0 : indicators + indicator(token, brackets);
    const obstacle = obstacleAt({ brackets, indicators, tooMany: tokens > mostTokens });
    if (obstacle !== undefined) return { offset, ...obstacle };
    if (!MARKS.includes(token)) offset += token.length;
  }
  return undefined;
}

/** A text that begins with a star counts, too, where it is in its own block; no one writes a thousand. */
const TOO_MANY_ALIASES = {
  rule: "too-large",
  message: `Contains more than ${MAX_ALIASES} aliases.`,
} as const;

function obstacleAt(state: {
  readonly brackets: number;
  readonly indicators: number;
  readonly tooMany: boolean;
}): Omit<Obstacle, "offset"> | undefined {
  if (state.brackets < 0) return { rule: "yaml", message: "A closing bracket has no opening one." };
  if (state.tooMany) return { rule: "too-large", message: "Contains more YAML tokens than the limit." };
  if (state.brackets <= MAX_OPEN && state.indicators <= MAX_OPEN) return undefined;
  return { rule: "too-deep", message: `Nested deeper than ${MAX_OPEN}.` };
}

function bracket(token: string): number {
  if (token === "[" || token === "{") return 1;
  return token === "]" || token === "}" ? -1 : 0;
}

function indicator(token: string, brackets: number): number {
  return brackets === 0 && (token === "-" || token === "?" || token === ":") ? 1 : 0;
}
