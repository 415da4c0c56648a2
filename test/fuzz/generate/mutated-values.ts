import * as fc from "fast-check";

import { hostileKeys, hostileValues } from "./hostile-values.ts";

/** A value is not made much larger than this, so that making it takes no longer than reading it. */
const MAX_PLACES = 1000;

/** One change of a value of JSON, at a place that its number picks. */
interface Change {
  readonly kind: keyof typeof CHANGES;
  readonly at: number;
  /** Another place, or how often. */
  readonly other: number;
  readonly key: string;
  readonly value: unknown;
}

/** Where a value stands in another. */
interface Place {
  readonly holder: Holder;
  readonly key: string | number;
}
type Holder = Record<string, unknown> | unknown[];

type Apply = (place: Place, change: Change, places: readonly Place[]) => void;

/** Every kind of change. */
const CHANGES = {
  replace: (place, { value }) => put(place, structuredClone(value)),
  remove: ({ holder, key }) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  },
  repeat: (place, { other }) => repeat(place, timesFor(valueAt(place), 1 + (other % 40))),
  copy: (place, { other }, places) => put(place, structuredClone(valueAt(places[other % places.length]!))),
  rename: ({ holder, key }, change) => {
    if (Array.isArray(holder)) return;
    const value = holder[key];
    delete holder[key];
    put({ holder, key: renamed(String(key), change) }, value);
  },
  add: (place, { key, value }) => {
    const inner = valueAt(place);
    if (Array.isArray(inner)) inner.push(structuredClone(value));
    else if (isObject(inner)) put({ holder: inner, key }, structuredClone(value));
  },
  wrap: (place, { other }) => put(place, other % 2 === 0 ? [valueAt(place)] : { value: valueAt(place) }),
  spell: (place, change) => {
    const value = valueAt(place);
    if (typeof value === "string") put(place, spelt(value, change));
    if (typeof value === "number") put(place, [value + 1, -value, value * 1e9, value / 7][change.other % 4]);
  },
} satisfies Record<string, Apply>;

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom(...(Object.keys(CHANGES) as (keyof typeof CHANGES)[])),
  at: fc.nat(),
  other: fc.nat(),
  key: hostileKeys,
  value: hostileValues,
});

/** Valid documents with a few changes, none of them among the cases. Shrinks towards the valid document. */
export function mutatedValues(valid: readonly unknown[], most = 5): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.nat({ max: valid.length - 1 }), fc.array(change, { maxLength: most }))
    .map(([which, changes]) => mutated(valid[which], changes));
}

function mutated(valid: unknown, changes: readonly Change[]): unknown {
  const root = { value: structuredClone(valid) };
  for (const each of changes) {
    const places = placesIn(root);
    const apply: Apply = CHANGES[each.kind];
    if (places.length <= MAX_PLACES) apply(places[each.at % places.length]!, each, places);
    if (!Object.hasOwn(root, "value")) root.value = null;
  }
  return root.value;
}

function placesIn(root: Holder): Place[] {
  const places: Place[] = [];
  const open: Holder[] = [root];
  while (open.length > 0) {
    const holder = open.pop()!;
    for (const key of Object.keys(holder)) {
      const place = { holder, key };
      places.push(place);
      const value = valueAt(place);
      if (typeof value === "object" && value !== null) open.push(value as Holder);
    }
  }
  return places;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueAt({ holder, key }: Place): unknown {
  return (holder as Record<string | number, unknown>)[key];
}

/** As an own key, also where it is `__proto__`. */
function put({ holder, key }: Place, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

function timesFor(value: unknown, wanted: number): number {
  return Math.min(wanted, Math.ceil(MAX_PLACES / placesIn({ value }).length));
}

function repeat(place: Place, times: number): void {
  const { holder, key } = place;
  const value = valueAt(place);
  if (Array.isArray(holder))
    holder.splice(Number(key), 0, ...Array.from({ length: times }, () => structuredClone(value)));
  else if (typeof value === "string") put(place, value.slice(0, 200).repeat(times));
  else
    put(
      place,
      Array.from({ length: Math.min(times, 8) }, () => structuredClone(value)),
    );
}

function renamed(key: string, { other, key: fresh }: Change): string {
  return [fresh, key.toUpperCase(), `${key} `, `${key}s`, key.slice(1)][other % 5]!;
}

function spelt(text: string, { at, other, key }: Change): string {
  const place = at % (text.length + 1);
  const ways = [
    text.slice(0, place) + key + text.slice(place),
    text.slice(0, place) + text.slice(place + 1),
    text.toUpperCase(),
    ` ${text}`,
    `${text}\n`,
    text + text,
    Array.from(text).toReversed().join(""),
  ];
  return ways[other % ways.length]!;
}
