import { z } from "zod";

import { Fault, printable, TextMap } from "../core/index.ts";
import type { ObjectType } from "./kinds.ts";

/** Objects that are read at most, of one value or of several together. */
export const MAX_OBJECTS = 20_000;
/** Lists in lists; an alias of YAML can make a list its own item. */
const MAX_NESTED = 16;

type Path = readonly (string | number)[];

/** One object, whichever list it is in. */
export interface KubeObject extends ObjectType {
  readonly name: string;
  /** As written; absent for cluster-scoped objects, and where something else says it. */
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Keys from the value's top to the object. */
  readonly path: Path;
  /** As written, with the type of its list where it names none. */
  readonly value: unknown;
}

/** Something in a list that cannot be read as an object. */
export interface Unreadable {
  readonly value: unknown;
  /** Keys from the value's top to what cannot be read. */
  readonly path: Path;
  /** Keys within it, empty for its top. */
  readonly within: string;
}

/** The objects of a value, and what is there instead of one. */
export interface FoundObjects {
  readonly objects: readonly KubeObject[];
  readonly unreadable: readonly Unreadable[];
}

const Shape = z.object({
  apiVersion: z.string().max(400).default(""),
  kind: z.string().min(1).max(200),
  metadata: z
    .object({
      name: z.string().max(253).catch(""),
      namespace: z.string().max(253).nullish(),
      labels: TextMap.nullish().catch(null),
    })
    .nullish(),
});
const Type = z.object({ apiVersion: z.string().catch(""), kind: z.string().catch("") });
const List = Type.extend({
  items: z.array(z.unknown()),
  metadata: z
    .object({ continue: z.unknown(), remainingItemCount: z.unknown() })
    .partial()
    .nullish()
    .catch(undefined),
});

/** The type that items take which name none themselves. */
type Inherited = z.infer<typeof Type>;

interface Open {
  readonly value: unknown;
  readonly path: Path;
  readonly depth: number;
  readonly inherited: Inherited;
}

/**
 * The objects of a value: itself, and the items of whatever has `items`, in lists of lists, too. To kubectl and Argo CD
 * that is a list whatever its kind is called, a ConfigMap with `items` among them (apimachinery, Unstructured.IsList),
 * and its items take their type from it where they name none (UnstructuredJSONScheme, decodeToList); one whose kind
 * does not end in List is checked itself as well. A list that says that there is more of it is read as far as it goes,
 * and is unreadable at `metadata.continue`: what it leaves out is not known (Kubernetes API concepts, "Retrieving large
 * results sets in chunks"). Throws Fault limits/exceeded over 20,000 objects or 16 lists in lists.
 */
export function objectsIn(top: unknown): FoundObjects {
  const objects: KubeObject[] = [];
  const unreadable: Unreadable[] = [];
  const open: Open[] = [{ value: top, path: [], depth: 0, inherited: { apiVersion: "", kind: "" } }];
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    const value = typed(each);
    const list = List.safeParse(value).data;
    if (list === undefined || !list.kind.endsWith("List")) take(value, each.path, { objects, unreadable });
    if (list !== undefined) open.push(...itemsOf(list, each));
    if (list !== undefined && hasMore(list))
      unreadable.push({ value, path: each.path, within: "metadata.continue" });
    if (objects.length + unreadable.length + open.length > MAX_OBJECTS) throw tooManyObjects();
  }
  return { objects, unreadable };
}

/** The fault of more objects than are read. */
export function tooManyObjects(): Fault {
  return new Fault("limits/exceeded", `there are more than ${MAX_OBJECTS} objects`);
}

/** Absent, empty and null mean that nothing follows; whatever else is written there does not. */
function hasMore({ metadata }: z.infer<typeof List>): boolean {
  return [metadata?.continue, metadata?.remainingItemCount].some(
    (each) => each != null && each !== "" && each !== 0,
  );
}

/** The items of a list, the last one first. */
function itemsOf({ apiVersion, kind, items }: z.infer<typeof List>, { path, depth }: Open): Open[] {
  if (depth >= MAX_NESTED) throw new Fault("limits/exceeded", `lists in lists, more than ${MAX_NESTED} deep`);
  if (items.length > MAX_OBJECTS) throw tooManyObjects();
  const inherited = { apiVersion, kind: kind.replace(/List$/, "") };
  return items
    .map((value, at) => ({ value, path: [...path, "items", at], depth: depth + 1, inherited }))
    .toReversed();
}

function take(
  value: unknown,
  path: Path,
  { objects, unreadable }: { readonly objects: KubeObject[]; readonly unreadable: Unreadable[] },
): void {
  const shape = Shape.safeParse(value);
  if (!shape.success) {
    unreadable.push({ value, path, within: printable(shape.error.issues[0]!.path.join("."), 120) });
    return;
  }
  const { apiVersion, kind, metadata } = shape.data;
  const { name = "", namespace, labels } = metadata ?? {};
  objects.push({
    group: apiVersion.includes("/") ? apiVersion.split("/")[0]! : "",
    kind,
    name,
    ...(namespace && { namespace }),
    labels: labels ?? {},
    path,
    value,
  });
}

/** An item with the type of its list where it names none, each field by itself: kubectl asks for both or neither. */
function typed({ value, inherited: { apiVersion, kind } }: Open): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value) || kind === "") return value;
  const own = Type.parse(value);
  return { ...value, apiVersion: own.apiVersion || apiVersion, kind: own.kind || kind };
}
