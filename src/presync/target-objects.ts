import { z } from "zod";

import { Fault, parseJson, printable } from "../core/index.ts";

const MOST_BYTES = 32 * 1024 * 1024;
const MOST_OBJECTS = 20_000;

/** One object that a sync would apply. */
export interface TargetObject {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  /** As written; absent for cluster-scoped objects, and where the Application's destination says it. */
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: unknown;
}

const Shape = z.object({
  apiVersion: z.string().max(400).default(""),
  kind: z.string().min(1).max(200),
  metadata: z
    .object({
      name: z.string().max(253).catch(""),
      namespace: z.string().max(253).optional(),
      labels: z.record(z.string(), z.string()).nullish().catch(null),
    })
    .default({ name: "" }),
});
const List = z.object({ items: z.array(z.unknown()) });

/**
 * The objects of rendered manifests, each a JSON text; a List stands for its items, nested ones included. Throws Fault
 * target/unclear where any of them cannot be read, since half a target is another target, and limits/exceeded over 32 MiB
 * or 20,000 objects.
 */
export function targetObjects(manifests: readonly string[]): TargetObject[] {
  const bytes = manifests.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > MOST_BYTES)
    throw new Fault("limits/exceeded", `the rendered manifests are larger than ${MOST_BYTES} bytes`);
  const values = manifests.map(parsed).flatMap(expanded);
  if (values.length > MOST_OBJECTS) throw tooMany();
  return values.map(objectOf);
}

function parsed(text: string, at: number): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new Fault("target/unclear", `rendered manifest ${at + 1} is no JSON`);
  }
}

/**
 * A value, or what its list of items holds, in lists of lists, too. Whatever has `items` is a list to kubectl and Argo CD
 * (apimachinery, Unstructured.IsList); one whose kind does not say so is looked at itself as well.
 */
function expanded(value: unknown): unknown[] {
  const found: unknown[] = [];
  const open = [value];
  while (open.length > 0) {
    const each = open.pop();
    const items = List.safeParse(each).data?.items;
    if (!items || !Shape.safeParse(each).data?.kind.endsWith("List")) found.push(each);
    if (items) open.push(...items.toReversed());
    if (found.length + open.length > MOST_OBJECTS) throw tooMany();
  }
  return found;
}

function tooMany(): Fault {
  return new Fault("limits/exceeded", `the target has more than ${MOST_OBJECTS} objects`);
}

function objectOf(value: unknown, at: number): TargetObject {
  const shape = Shape.safeParse(value);
  if (!shape.success) {
    const path = printable(shape.error.issues[0]!.path.join("."), 120);
    throw new Fault(
      "target/unclear",
      `object ${at + 1} of the target cannot be read at ${path || "its top"}`,
    );
  }
  const { apiVersion, kind, metadata } = shape.data;
  const { name, namespace, labels } = metadata;
  return {
    group: apiVersion.includes("/") ? apiVersion.split("/")[0]! : "",
    kind,
    name,
    ...(namespace !== undefined && namespace !== "" && { namespace }),
    labels: labels ?? {},
    value,
  };
}
