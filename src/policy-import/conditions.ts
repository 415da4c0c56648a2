import { z } from "zod";

import { wildcardText } from "./texts.ts";

const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const Condition = z.strictObject({
  key: Scalar,
  operator: z.string(),
  value: z.union([Scalar, z.array(Scalar)]),
  message: z.string().optional(),
});
const Group = z.strictObject({ all: z.array(Condition).optional(), any: z.array(Condition).optional() });
/** What Kyverno asks of an attestation's predicate: every group must hold. */
export const Conditions = z.array(z.unknown());
type Condition = z.output<typeof Condition>;

/** Roots of Kyverno's variables that are not part of the predicate. */
const CONTEXT: readonly string[] = [
  "request",
  "images",
  "element",
  "elementIndex",
  "serviceAccountName",
  "serviceAccountNamespace",
  "target",
];
const PATH = /^[A-Za-z_]\w*(?:\.(?:[A-Za-z_]\w*|"[^"\\]+")|\[\d+\])*$/;
const ORDER: ReadonlyMap<string, string> = new Map([
  ["GreaterThan", ">"],
  ["GreaterThanOrEquals", ">="],
  ["LessThan", "<"],
  ["LessThanOrEquals", "<="],
]);

/**
 * Kyverno's conditions as one CEL expression over the predicate, or undefined where any of them says what we cannot say:
 * only paths of the predicate, `regex_match` of them, and comparisons with constants are understood.
 */
export function conditionsExpression(conditions: readonly unknown[]): string | undefined {
  const groups = conditions.map(groupExpression);
  return groups.length > 0 && groups.every((each) => each !== undefined) ? groups.join(" && ") : undefined;
}

function groupExpression(value: unknown): string | undefined {
  const group = Group.safeParse(value);
  if (!group.success) return undefined;
  const all = (group.data.all ?? []).map(comparison);
  const any = (group.data.any ?? []).map(comparison);
  if ([...all, ...any].some((each) => each === undefined) || all.length + any.length === 0) return undefined;
  return [...all, ...(any.length > 0 ? [`(${any.join(" || ")})`] : [])].join(" && ");
}

function comparison({ key, operator, value }: Condition): string | undefined {
  const expression = typeof key === "string" ? inner(key) : undefined;
  if (expression === undefined) return undefined;
  const matched = matching(expression);
  if (matched !== undefined) return isTrue(value) && /^Equals?$/.test(operator) ? matched : undefined;
  const path = predicatePath(expression);
  return path === undefined ? undefined : compared(path, operator, value);
}

function compared(path: string, operator: string, value: Condition["value"]): string | undefined {
  if (Array.isArray(value)) return /^(?:In|AnyIn)$/.test(operator) ? oneOf(path, value) : undefined;
  const equal = equality(path, value);
  if (/^Equals?$/.test(operator)) return equal;
  if (/^NotEquals?$/.test(operator)) return equal === undefined ? undefined : `!(${equal})`;
  const sign = ORDER.get(operator);
  return sign !== undefined && typeof value === "number" ? `${path} ${sign} ${double(value)}` : undefined;
}

function oneOf(path: string, values: readonly (string | number | boolean)[]): string | undefined {
  const choices = values.map((each) => equality(path, each));
  return choices.length === 0 || choices.includes(undefined) ? undefined : `(${choices.join(" || ")})`;
}

/** Texts may hold wildcards, and variables that we do not know. */
function equality(path: string, value: string | number | boolean): string | undefined {
  if (typeof value === "number") return `${path} == ${double(value)}`;
  if (typeof value === "boolean") return `${path} == ${value}`;
  if (value.includes("{{")) return undefined;
  const text = wildcardText(value);
  return typeof text === "string"
    ? `${path} == ${JSON.stringify(text)}`
    : `${path}.matches(${JSON.stringify(text.pattern)})`;
}

/** `{{ path }}` without its braces; undefined where there is more than one expression. */
function inner(key: string): string | undefined {
  return /^\{\{([\s\S]*)\}\}$/.exec(key.trim())?.[1]?.trim();
}

/** `regex_match('RE', '{{ path }}')`, also without the inner quotes and braces. */
function matching(expression: string): string | undefined {
  const [, pattern, quoted, bare] =
    /^regex_match\(\s*'([^']+)'\s*,\s*(?:'\{\{([^'{}]+)\}\}'|([^'{},]+))\s*\)$/.exec(expression) ?? [];
  const at = predicatePath((quoted ?? bare ?? "").trim());
  return pattern === undefined || at === undefined ? undefined : `${at}.matches(${JSON.stringify(pattern)})`;
}

function predicatePath(text: string): string | undefined {
  if (!PATH.test(text)) return undefined;
  const parts = [...text.matchAll(/"([^"]+)"|\[(\d+)\]|([A-Za-z_]\w*)/g)];
  if (CONTEXT.includes(parts[0]![0])) return undefined;
  const steps = parts.map(([, quoted, index, name]) =>
    index === undefined ? `[${JSON.stringify(quoted ?? name)}]` : `[${index}]`,
  );
  return `predicate${steps.join("")}`;
}

function isTrue(value: Condition["value"]): boolean {
  return value === true || value === "true";
}

/** The predicate's numbers are doubles. */
function double(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
