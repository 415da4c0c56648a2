import { type ImageRef, type Pattern, repositoryName } from "../core/index.ts";
import { list } from "./gates/messages.ts";

/** What a rule is for. */
export interface Scope {
  readonly images: readonly Pattern[];
  /** Every namespace, where absent. */
  readonly namespaces?: readonly Pattern[] | undefined;
}

/** Lists of rules that are kept: which rules go together depends on names from requests. */
const MAX_LISTS = 1000;

/** What rules are compared with. */
export interface RuleQuery {
  readonly image: ImageRef;
  readonly namespace: string;
}

/** Why a rule does not cover an image, one clause; undefined where it does. */
export function outOfScope(
  { images, namespaces }: Scope,
  { image, namespace }: RuleQuery,
): string | undefined {
  const name = repositoryName(image);
  if (!matchesAny(images, name)) return `${name} is not ${list(images.map(({ source }) => source))}`;
  if (namespaces === undefined || matchesAny(namespaces, namespace)) return undefined;
  return `the namespace ${namespace} is not ${list(namespaces.map(({ source }) => source))}`;
}

/**
 * Finds the rules that cover an image, in their order, without asking each of them: there may be thousands, and only
 * those are asked whose patterns begin as the image's name does. The same rules come as the same list, so that what follows
 * from them can be kept by it.
 */
export function indexScopes<Rule extends Scope>(
  rules: readonly Rule[],
): (query: RuleQuery) => readonly Rule[] {
  const byStart = placesByStart(rules);
  const lengths = [...new Set([...byStart.keys()].map((start) => start.length))];
  const listOf = keepLists(rules);
  return (query) => {
    const name = repositoryName(query.image);
    const places = lengths.flatMap((length) =>
      length > name.length ? [] : (byStart.get(name.slice(0, length)) ?? []),
    );
    const covering = [...new Set(places)]
      .filter((place) => covers(rules[place]!, name, query.namespace))
      .toSorted((a, b) => a - b);
    return listOf(covering);
  };
}

function covers({ images, namespaces }: Scope, name: string, namespace: string): boolean {
  return matchesAny(images, name) && (namespaces === undefined || matchesAny(namespaces, namespace));
}

/** Gives the items at some places, the same list for the same places as long as there are not too many of them. */
function keepLists<T>(items: readonly T[]): (places: readonly number[]) => readonly T[] {
  const lists = new Map<string, readonly T[]>();
  return (places) => {
    const key = places.join(" ");
    const known = lists.get(key);
    if (known !== undefined) return known;
    const made = places.map((place) => items[place]!);
    if (lists.size < MAX_LISTS) lists.set(key, made);
    return made;
  };
}

/** By the text with which a pattern begins: where in the list the rules with such patterns are. */
function placesByStart(rules: readonly Scope[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [place, { images }] of rules.entries())
    for (const { start } of images) {
      const found = places.get(start);
      if (found === undefined) places.set(start, [place]);
      else found.push(place);
    }
  return places;
}

function matchesAny(patterns: readonly Pattern[], text: string): boolean {
  return patterns.some((pattern) => pattern.matches(text));
}
