import { z } from "zod";

import { printable } from "../../core/index.ts";
import { KubeError } from "../client/kube-error.ts";

const Identified = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    resourceVersion: z.string(),
  }),
});
const Versioned = z.object({ metadata: z.object({ resourceVersion: z.string() }) });

/** Picks what is needed out of an object; throws where the object is not of its kind. */
export type Reader<T> = (object: unknown) => T;

/** Whom a store tells. */
export interface StoreHandlers<T> {
  /** An object is new or changed, or gone (undefined). */
  readonly onChange?: (name: string, object: T | undefined, namespace: string | undefined) => void;
}

/** The objects as last seen. */
export interface ObjectStore<T> {
  readonly get: (name: string, namespace?: string) => T | undefined;
  readonly all: () => Iterable<T>;
  /** Begins to take a list. */
  readonly list: () => TakenList;
  /** Takes an event; gives the version that it brings. Throws KubeError where its object has no name or version. */
  readonly apply: (type: "ADDED" | "MODIFIED" | "DELETED", object: unknown) => string | undefined;
  readonly versionOf: (object: unknown) => string | undefined;
}

/** A list that is being taken: of each object only what was read of it is kept. */
interface TakenList {
  readonly take: (item: unknown) => void;
  /** The list is whole: the store holds it from now on, and reports what is new, changed and gone. */
  readonly done: () => void;
}

interface Entry<T> {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly version: string;
  readonly value: T;
}

interface StoreOptions<T> extends Required<StoreHandlers<T>> {
  readonly read: Reader<T>;
  readonly onTrouble: (error: unknown) => void;
}

/** An empty store. An object that cannot be read is reported and counts as gone: a view of it would be a guess. */
export function createObjectStore<T>(options: StoreOptions<T>): ObjectStore<T> {
  const { onChange } = options;
  const entries = new Map<string, Entry<T>>();
  const keep = (key: string, entry: Entry<T>): void => {
    if (entries.get(key)?.version === entry.version) return;
    entries.set(key, entry);
    onChange(entry.name, entry.value, entry.namespace);
  };
  const drop = (key: string): void => {
    const known = entries.get(key);
    if (known === undefined) return;
    entries.delete(key);
    onChange(known.name, undefined, known.namespace);
  };
  return {
    get: (name, namespace) => entries.get(keyOf(name, namespace))?.value,
    all: () => Array.from(entries.values(), ({ value }) => value),
    versionOf,
    list: () =>
      takeList(options, (found) => {
        for (const key of entries.keys()) if (found.get(key) === undefined) drop(key);
        for (const [key, entry] of found) if (entry !== undefined) keep(key, entry);
      }),
    apply(type, object) {
      const [key, entry] = readEntry(object, options) ?? [];
      if (key === undefined) throw new KubeError("an event's object has no name or no version");
      if (type === "DELETED" || entry === undefined) drop(key);
      else keep(key, entry);
      return versionOf(object);
    },
  };
}

function takeList<T>(
  options: StoreOptions<T>,
  replace: (found: ReadonlyMap<string, Entry<T> | undefined>) => void,
): TakenList {
  const found = new Map<string, Entry<T> | undefined>();
  let nameless = 0;
  return {
    take(item) {
      const read = readEntry(item, options);
      if (read === undefined) nameless += 1;
      else found.set(...read);
    },
    done() {
      if (nameless > 0) options.onTrouble(new KubeError("an object of a list has no name or no version"));
      replace(found);
    },
  };
}

/** Where an object belongs, and what was read of it where it could be; undefined where it has no name. */
function readEntry<T>(
  object: unknown,
  { read, onTrouble }: StoreOptions<T>,
): [key: string, entry: Entry<T> | undefined] | undefined {
  const { metadata } = Identified.safeParse(object).data ?? {};
  if (metadata === undefined) return undefined;
  const { name, namespace, resourceVersion: version } = metadata;
  const key = keyOf(name, namespace);
  try {
    return [key, { name, namespace, version, value: read(object) }];
  } catch (cause) {
    const why = cause instanceof KubeError ? `: ${cause.message}` : "";
    onTrouble(new KubeError(`cannot read the object ${printable(key, 300)}${why}`, { cause }));
    return [key, undefined];
  }
}

function keyOf(name: string, namespace?: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function versionOf(object: unknown): string | undefined {
  return Versioned.safeParse(object).data?.metadata.resourceVersion;
}
