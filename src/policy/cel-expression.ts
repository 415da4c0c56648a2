import { celEnv, CelScalar, isCelError, parse, plan } from "@bufbuild/cel";

import { costOf, tooCostly } from "./cel-cost.ts";
import { depthOf } from "./cel-depth.ts";
import { type Expr, type Parsed, type Part, partsIn } from "./cel-parts.ts";

const MAX_TEXT = 2048;
const MAX_MACROS = 8;
/** The parser's time grows with the power of what is nested, to seconds at a few hundred. */
const MAX_DEPTH = 24;
const MAX_WHY = 200;

/** What an expression sees. */
export interface CelInput {
  /** Read from JSON: its numbers are doubles. */
  readonly predicate: unknown;
  readonly predicateType: string;
  /** Of the image. */
  readonly digest: string;
  /** Of the image, registry included. */
  readonly repository: string;
  /** The certificate's identity, or the key's fingerprint. */
  readonly signer: string;
  /** The certificate's issuer; empty for a key. */
  readonly issuer: string;
}

/** An expression that is ready to run. */
export interface CelExpression {
  /** Undefined where it is true, else one clause that says why it is not. Never throws. */
  readonly refusal: (input: CelInput) => string | undefined;
}

/** An expression, or one clause on what is wrong with it and where. */
export type CompiledCel =
  | { readonly ok: true; readonly expression: CelExpression }
  | { readonly ok: false; readonly why: string };

const VARIABLES = {
  predicate: CelScalar.DYN,
  predicateType: CelScalar.STRING,
  digest: CelScalar.STRING,
  repository: CelScalar.STRING,
  signer: CelScalar.STRING,
  issuer: CelScalar.STRING,
};
const ENV = celEnv({ variables: VARIABLES });

/**
 * Compiles an expression of the Common Expression Language. Refuses what no evaluation could make true (unknown names,
 * constants) and what could cost too much (macros inside macros, more than eight of them, brackets nested deeper than
 * 24, over 2,048 characters).
 * Source: github.com/google/cel-spec, doc/langdef.md.
 */
export function compileCel(text: string): CompiledCel {
  if (text.length > MAX_TEXT) return no(`it is longer than ${MAX_TEXT} characters`);
  if (depthOf(text) > MAX_DEPTH) return no(`its brackets are nested deeper than ${MAX_DEPTH}`);
  try {
    const parsed = parse(text);
    const why = problemOf(parsed, text);
    if (why !== undefined) return no(why);
    return { ok: true, expression: expressionOf(parsed) };
  } catch (error) {
    return no(
      error instanceof Error
        ? error.message.replace(/^<input>:(\d+):(\d+):/, "line $1, column $2:")
        : "unreadable",
    );
  }
}

function expressionOf(parsed: Parsed): CelExpression {
  const [run, cost] = [plan(ENV, parsed), costOf(parsed)];
  return {
    refusal: (input) => {
      const why = tooCostly(input.predicate, cost);
      if (why !== undefined) return `it cannot be evaluated: ${why}`;
      return refusalOf(() => run({ ...input, predicate: input.predicate as never }));
    },
  };
}

function refusalOf(run: () => unknown): string | undefined {
  try {
    const result = run();
    if (result === true) return undefined;
    if (result === false) return "it is false";
    return isCelError(result)
      ? `it cannot be evaluated: ${result.message}`
      : "its result is neither true nor false";
  } catch (error) {
    return `it cannot be evaluated: ${error instanceof Error ? error.message : "an unreadable failure"}`;
  }
}

function problemOf(parsed: Parsed, text: string): string | undefined {
  if (parsed.expr.exprKind.case === "constExpr") return "it is a constant";
  let macros = 0;
  for (const part of partsIn(parsed)) {
    if (part.expr.exprKind.case === "comprehensionExpr") macros += 1;
    const why = macros > MAX_MACROS ? `it contains more than ${MAX_MACROS} macros` : wrongWith(part);
    if (why !== undefined) return `${positionOf(part.expr, parsed.sourceInfo, text)}${why}`;
  }
  return undefined;
}

function wrongWith({ expr: { exprKind }, bound, macro }: Part): string | undefined {
  if (exprKind.case === "comprehensionExpr")
    return macro === undefined ? undefined : "a macro inside a macro";
  if (exprKind.case === "identExpr") {
    const { name } = exprKind.value;
    if (Object.hasOwn(VARIABLES, name) || bound.includes(name)) return undefined;
    return `${name} is not a variable; there are ${Object.keys(VARIABLES).join(", ")}`;
  }
  if (exprKind.case !== "callExpr") return undefined;
  const { function: called } = exprKind.value;
  return /^[a-zA-Z]/.test(called) && ENV.funcs.find(called) === undefined
    ? `${called} is not a function`
    : undefined;
}

/** Where a part is in the expression, from 1. */
function positionOf({ id }: Expr, sourceInfo: Parsed["sourceInfo"], text: string): string {
  const offset = sourceInfo?.positions[String(id)];
  if (offset === undefined) return "";
  const lines = text.slice(0, offset).split("\n");
  return `line ${lines.length}, column ${lines.at(-1)!.length + 1}: `;
}

function no(why: string): CompiledCel {
  return { ok: false, why: why.slice(0, MAX_WHY) };
}
