import type { parse } from "@bufbuild/cel";

/** An expression as it was read. */
export type Parsed = ReturnType<typeof parse>;
/** One node of it. */
export type Expr = Parsed["expr"];

/** A part of an expression. */
export interface Part {
  readonly expr: Expr;
  /** The variables of macros that it sees. */
  readonly bound: readonly string[];
  /** The macro that evaluates it once for each value. */
  readonly macro?: Expr | undefined;
}

/** Every part of an expression, each after the part that holds it. */
export function* partsIn({ expr }: Parsed): Generator<Part> {
  const open: Part[] = [{ expr, bound: [] }];
  while (open.length > 0) {
    const part = open.pop()!;
    yield part;
    open.push(...partsOf(part));
  }
}

/** The parts of a part. What a macro loops over is outside its loop. */
function partsOf({ expr, bound, macro }: Part): Part[] {
  const { exprKind } = expr;
  const same = (...parts: readonly (Expr | undefined)[]): Part[] => known(parts, bound, macro);
  switch (exprKind.case) {
    case "selectExpr":
      return same(exprKind.value.operand);
    case "callExpr":
      return same(exprKind.value.target, ...exprKind.value.args);
    case "listExpr":
      return same(...exprKind.value.elements);
    case "structExpr":
      return exprKind.value.entries.flatMap(({ keyKind, value }) =>
        same(value, keyKind.case === "mapKey" ? keyKind.value : undefined),
      );
    case "comprehensionExpr": {
      const { accuInit, iterRange, loopCondition, loopStep, result, accuVar, iterVar, iterVar2 } =
        exprKind.value;
      const inner = [...bound, accuVar, iterVar, iterVar2];
      return [...same(accuInit, iterRange), ...known([loopCondition, loopStep, result], inner, expr)];
    }
    case "constExpr":
    case "identExpr":
    case undefined:
      return [];
  }
}

function known(
  parts: readonly (Expr | undefined)[],
  bound: readonly string[],
  macro: Expr | undefined,
): Part[] {
  return parts.flatMap((expr) => (expr === undefined ? [] : [{ expr, bound, macro }]));
}
