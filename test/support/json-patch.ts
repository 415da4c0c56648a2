import { isDeepStrictEqual } from "node:util";

type Json = Readonly<Record<string, unknown>>;

interface Step {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** An object after a JSON Patch (RFC 6902): add, move, replace and test. Throws where a step fails. */
export function patched<T extends Json>(object: T, steps: readonly Step[]): T {
  const copy = structuredClone(object);
  for (const step of steps) applyStep(copy, step);
  return copy;
}

function applyStep(copy: Json, { op, path, from = path, value }: Step): void {
  const [here, key] = placeOf(copy, from);
  if (op !== "add" && here[key] === undefined) throw new Error(`patch: nothing at ${from}`);
  if (op === "test" && !isDeepStrictEqual(here[key], value))
    throw new Error(`patch: another value at ${path}`);
  if (op === "replace") here[key] = value;
  if (op === "add") add(copy, path, value);
  if (op === "move") {
    const moved = here[key];
    delete here[key];
    add(copy, path, moved);
  }
}

function add(copy: Json, path: string, value: unknown): void {
  const [here, key] = placeOf(copy, path);
  if (Array.isArray(here)) here.splice(key === "-" ? here.length : Number(key), 0, value);
  else here[key] = value;
}

function placeOf(copy: Json, pointer: string): [map: Record<string, unknown>, key: string] {
  const parts = pointer.split("/").slice(1);
  let here = copy as Record<string, unknown>;
  for (const part of parts.slice(0, -1)) here = here[part] as Record<string, unknown>;
  return [here, parts.at(-1)!];
}
