import { Fault, parseJson } from "../../core/index.ts";
import { type KubeObject, objectsIn, tooManyObjects, MAX_OBJECTS } from "../../workloads/index.ts";

const MAX_BYTES = 32 * 1024 * 1024;

/**
 * The objects of rendered manifests, each a JSON text; a list represents its items. Throws Fault target/unclear where
 * any of them cannot be read, since half a target is another target, and limits/exceeded over 32 MiB or 20,000 objects.
 */
export function targetObjects(manifests: readonly string[]): KubeObject[] {
  const bytes = manifests.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > MAX_BYTES)
    throw new Fault("limits/exceeded", `the rendered manifests are larger than ${MAX_BYTES} bytes`);
  const found: KubeObject[] = [];
  for (const [at, text] of manifests.entries()) {
    found.push(...objectsOf(text, at));
    if (found.length > MAX_OBJECTS) throw tooManyObjects();
  }
  return found;
}

function objectsOf(text: string, at: number): readonly KubeObject[] {
  const { objects, unreadable } = objectsIn(parsed(text, at));
  const [first] = unreadable;
  if (first === undefined) return objects;
  const place = [...first.path, first.within].filter((part) => part !== "").join(".") || "its top";
  throw new Fault("target/unclear", `rendered manifest ${at + 1} cannot be read at ${place}`);
}

function parsed(text: string, at: number): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new Fault("target/unclear", `rendered manifest ${at + 1} is not JSON`);
  }
}
