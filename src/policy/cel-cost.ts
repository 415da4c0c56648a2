import { type Expr, type Parsed, partsIn } from "./cel-parts.ts";

/** About a second. */
const MAX_STEPS = 40_000_000;
const MAX_VALUES = 4_000;
/** What a call costs in addition to the characters that it reads. */
const CALL = 100;
/** A regular expression is compiled at each call; RE2 allows a thousand repetitions. */
const REGEX = 8;
const MAX_REPEATED = 1000;
const FREE: readonly string[] = ["_&&_", "_||_", "!_", "_?_:_", "_[_]", "@not_strictly_false"];
const COMPARING: readonly string[] = ["_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"];

/** Operators take lists and maps, too; functions take texts. */
const OPERATOR = /^[_@]/;

/** How much work an expression does for each value that its macros read. */
export interface Cost {
  /** How often it may read all values. */
  readonly lists: number;
  /** How often it may read a whole text. */
  readonly texts: number;
}

type Call = Extract<Expr["exprKind"], { readonly case: "callExpr" }>["value"];

const NOTHING: Cost = { lists: 0, texts: 0 };

/** Factors are multiplied: a macro over the result of another works on what that one made larger. */
export function costOf(parsed: Parsed): Cost {
  const macros = new Map<Expr, Cost>();
  for (const { expr, macro } of partsIn(parsed)) {
    if (macro !== undefined) macros.set(macro, sum(macros.get(macro) ?? NOTHING, growth(expr)));
  }
  const all = [...macros.values()];
  const lists = all.reduce((product, each) => product * (1 + each.lists), 1);
  const texts = all.reduce((product, each) => product * (1 + each.lists + each.texts), 1);
  return { lists: lists - 1, texts: texts - 1 };
}

/** Why an expression of that cost would take too long over a predicate. */
export function tooCostly(predicate: unknown, { lists, texts }: Cost): string | undefined {
  let [values, longest] = [0, 0];
  const open: unknown[] = [predicate];
  while (open.length > 0) {
    const value = open.pop();
    values += 1;
    if (values > MAX_VALUES) return `the predicate contains more than ${MAX_VALUES} values`;
    if (typeof value === "string") longest = Math.max(longest, value.length);
    if (typeof value !== "object" || value === null) continue;
    for (const name of Object.keys(value)) longest = Math.max(longest, name.length);
    open.push(...Object.values(value));
  }
  const steps = values * (lists * values + texts * (CALL + longest));
  return steps > MAX_STEPS ? "its macros would take too many steps over this predicate" : undefined;
}

/** What a part adds to the work of its macro; nothing where it is done in a step. */
function growth({ exprKind }: Expr): Cost {
  if (exprKind.case === "listExpr") return copies(exprKind.value.elements);
  if (exprKind.case === "structExpr") return copies(exprKind.value.entries.map(({ value }) => value));
  return exprKind.case === "callExpr" ? callGrowth(exprKind.value) : NOTHING;
}

function callGrowth({ function: called, args }: Call): Cost {
  if (called === "matches") return { lists: 0, texts: REGEX + repetitions(args.at(-1)) / REGEX };
  const isStep = FREE.includes(called) || (COMPARING.includes(called) && args.some(isConstant));
  if (isStep || (called === "_+_" && isResult(args[0]))) return NOTHING;
  if (called === "@in" && isConstantList(args[1])) return { lists: 0, texts: 1 };
  return { lists: OPERATOR.test(called) ? 1 : 0, texts: 1 };
}

/** A list of several of them makes what is gathered that much larger. */
function copies(elements: readonly (Expr | undefined)[]): Cost {
  const several = Math.max(0, elements.length - 1);
  return { lists: elements.every(isConstant) ? 0 : several, texts: several };
}

/** How large `(a{30}){30}` becomes; the most where the pattern is not known. */
function repetitions(pattern: Expr | undefined): number {
  const { exprKind } = pattern ?? {};
  const constant = exprKind?.case === "constExpr" ? exprKind.value.constantKind : undefined;
  if (constant?.case !== "stringValue") return MAX_REPEATED;
  const counts = [...constant.value.matchAll(/\{(?:\d*,)?(\d+)/g)].map(([, count]) => Number(count));
  return Math.min(
    MAX_REPEATED,
    counts.reduce((product, count) => product * Math.max(1, count), 1),
  );
}

/** Where a macro gathers what it returns. */
function isResult(expr: Expr | undefined): boolean {
  return expr?.exprKind.case === "identExpr" && expr.exprKind.value.name === "@result";
}

function isConstantList(expr: Expr | undefined): boolean {
  return expr?.exprKind.case === "listExpr" && expr.exprKind.value.elements.every(isConstant);
}

function isConstant(expr: Expr | undefined): boolean {
  return expr?.exprKind.case === "constExpr";
}

function sum(a: Cost, b: Cost): Cost {
  return { lists: a.lists + b.lists, texts: a.texts + b.texts };
}
