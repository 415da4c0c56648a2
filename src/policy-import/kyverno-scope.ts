import { z } from "zod";

import { type ImportContext, globProblem, lose, type Scope } from "./draft.ts";
import type { Globs } from "./globs.ts";
import type { Path } from "./incompatibility.ts";

const NAME_LABEL = "kubernetes.io/metadata.name";
const Names = z.array(z.string());

/** A label selector, as far as it names namespaces. */
export const Selector = z.looseObject({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z
    .array(z.looseObject({ key: z.string(), operator: z.string(), values: Names.default([]) }))
    .default([]),
});
const Anything = z.unknown().optional();
const Resources = z.looseObject({
  namespaces: Names.optional(),
  namespaceSelector: Selector.optional(),
  kinds: Anything,
  operations: Anything,
  name: Anything,
  names: Anything,
  selector: Anything,
  annotations: Anything,
});
const Filter = z.looseObject({
  resources: Resources.default({}),
  subjects: Anything,
  roles: Anything,
  clusterRoles: Anything,
});

/** Which requests a rule of Kyverno's is about. */
export const Match = z.looseObject({
  any: z.array(Filter).default([]),
  all: z.array(Filter).default([]),
  resources: Resources.optional(),
});
type Filter = z.output<typeof Filter>;

/** Keys of a filter that ours need not say, since all kinds of workloads are checked. */
const HARMLESS: readonly string[] = ["kinds", "operations", "namespaces", "namespaceSelector"];

/** The images that patterns mean, each read by `globsOf`. */
export function kyvernoImages(
  context: ImportContext,
  patterns: readonly string[],
  { path, globsOf }: { readonly path: Path; readonly globsOf: (pattern: string) => Globs },
): Scope["images"] {
  const images = patterns.flatMap((pattern, at) => {
    const { globs, losses } = globsOf(pattern);
    for (const { effect, why } of losses) lose(context, [...path, at], effect, why);
    const problem = globs.map(globProblem).find((each) => each !== undefined);
    if (problem === undefined) return globs;
    lose(
      context,
      [...path, at],
      "stricter",
      `the policy does not accept it (${problem}); the rule covers every image`,
    );
    return ["**"];
  });
  return [...new Set(images)];
}

/**
 * The namespaces that a match means; undefined for all of them. Whatever else it selects by is left out, so that the rule
 * covers more than the original: what Kyverno does not match passes there.
 */
export function kyvernoNamespaces(
  context: ImportContext,
  { any, all, resources }: z.output<typeof Match>,
  path: Path,
): readonly string[] | undefined {
  const filters = resources === undefined ? [...any, ...all] : [{ resources }];
  for (const filter of filters) noteFilters(context, filter, path);
  if (all.length > 1)
    lose(context, [...path, "all"], "stricter", "only the first of its filters selects namespaces here");
  const counted = all.length > 0 && any.length === 0 ? filters.slice(0, 1) : filters;
  if (all.length > 0 && any.length > 0) return undefined;
  const namespaces = counted.map((filter) => namespacesOf(filter.resources));
  if (namespaces.length === 0 || namespaces.includes(undefined)) return undefined;
  return usable(
    context,
    namespaces.flatMap((each) => [...each!]),
    path,
  );
}

/** Names that a selector lists; undefined where it selects by anything else. */
export function selectedNames({
  matchLabels,
  matchExpressions,
}: z.output<typeof Selector>): string[] | undefined {
  const labels = Object.entries(matchLabels);
  const byLabel = labels.length === 1 && matchExpressions.length === 0 && labels[0]![0] === NAME_LABEL;
  if (byLabel) return [labels[0]![1]];
  const [only] = matchExpressions;
  const byExpression = labels.length === 0 && matchExpressions.length === 1;
  return byExpression && only!.key === NAME_LABEL && only!.operator === "In" ? only!.values : undefined;
}

/** Namespaces as our policy takes them; all where it does not. */
export function usable(
  context: ImportContext,
  names: readonly string[],
  path: Path,
): readonly string[] | undefined {
  if (names.some((name) => name.includes("?")))
    lose(context, path, "stricter", "in names of namespaces, ? becomes any text here");
  const globs = [...new Set(names.map((name) => name.replaceAll(/[?*]+/g, "*")))];
  if (globs.length > 0 && globs.every((glob) => /^[a-z0-9*-]{1,63}$/.test(glob) && !/\*\*/.test(glob)))
    return globs;
  lose(context, path, "stricter", "its namespaces cannot be expressed here; the rule applies in all of them");
  return undefined;
}

function namespacesOf({ namespaces, namespaceSelector }: Filter["resources"]): readonly string[] | undefined {
  if (namespaces !== undefined) return namespaces;
  return namespaceSelector === undefined ? undefined : selectedNames(namespaceSelector);
}

function noteFilters(context: ImportContext, filter: Filter, path: Path): void {
  const { resources, ...others } = filter;
  const keys = [...Object.keys(resources).filter((key) => !HARMLESS.includes(key)), ...Object.keys(others)];
  const selects =
    resources.namespaceSelector !== undefined && selectedNames(resources.namespaceSelector) === undefined;
  const named = [...keys, ...(selects ? ["namespaceSelector"] : [])];
  if (named.length === 0) return;
  lose(
    context,
    path,
    "stricter",
    `it selects by ${named.join(", ")}, which is not possible here; the rule applies without that`,
  );
}
