import { z } from "zod";

import type { Parsed, Problem } from "../core/index.ts";
import { type PlainDocument, readPlacedManifests } from "../documents/index.ts";
import { type Path, pathText } from "./incompatibility.ts";

/** An object of a stream, with the place of everything in it. */
export interface Foreign {
  readonly group: string;
  readonly kind: string;
  readonly content: unknown;
  readonly placeOf: PlainDocument["placeOf"];
}

const Head = z.looseObject({ apiVersion: z.string(), kind: z.string() });
const List = z.looseObject({ items: z.array(z.unknown()) });

/** The objects of a stream of manifests; a List represents its items. Fails where any of it cannot be read. */
export function readForeign(text: string): Parsed<readonly Foreign[]> {
  const read = readPlacedManifests(text);
  if (!read.ok) return read;
  const objects: Foreign[] = [];
  const problems: Problem[] = [];
  for (const { content, placeOf } of read.value) {
    for (const object of unpacked(content, placeOf)) {
      const head = Head.safeParse(object.content);
      if (head.success) objects.push({ ...object, ...headOf(head.data) });
      else
        problems.push({
          ...object.placeOf([]),
          path: "",
          rule: "no-object",
          message: "Not a Kubernetes object.",
        });
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: objects };
}

/** A foreign object in the shape that the importer knows, or what is wrong with it. */
export function readShape<T>({ content, placeOf }: Foreign, shape: z.ZodType<T>): Parsed<T> {
  const parsed = shape.safeParse(content);
  if (parsed.success) return { ok: true, value: parsed.data };
  const problems = parsed.error.issues.slice(0, 20).map((issue): Problem => {
    const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
    const message = `It does not have its documented structure: ${issue.message}`;
    return { ...placeOf(path), path: pathText(path), rule: "wrong-shape", message };
  });
  return { ok: false, problems };
}

/**
 * Keys that the shape does not name, each with its path, wherever the shape looks. A map without a named key is not
 * looked into.
 */
export function unknownFields(shape: z.core.$ZodType, value: unknown, path: Path): Path[] {
  if (shape instanceof z.ZodOptional || shape instanceof z.ZodDefault || shape instanceof z.ZodPrefault)
    return unknownFields(shape.unwrap(), value, path);
  if (shape instanceof z.ZodArray && Array.isArray(value))
    return value.flatMap((each, at) => unknownFields(shape.element, each, [...path, at]));
  if (!(shape instanceof z.ZodObject) || typeof value !== "object" || value === null) return [];
  const known = shape.shape as Readonly<Record<string, z.core.$ZodType>>;
  if (Object.keys(known).length === 0) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    Object.hasOwn(known, key) ? unknownFields(known[key]!, each, [...path, key]) : [[...path, key]],
  );
}

function unpacked(content: unknown, placeOf: Foreign["placeOf"]): Pick<Foreign, "content" | "placeOf">[] {
  const { kind = "" } = Head.safeParse(content).data ?? {};
  const items = kind.endsWith("List") ? List.safeParse(content).data?.items : undefined;
  if (items === undefined) return [{ content, placeOf }];
  return items.map((item, at) => ({ content: item, placeOf: (path) => placeOf(["items", at, ...path]) }));
}

function headOf({ apiVersion, kind }: z.output<typeof Head>): Pick<Foreign, "group" | "kind"> {
  return { group: apiVersion.includes("/") ? apiVersion.split("/")[0]! : "", kind };
}
