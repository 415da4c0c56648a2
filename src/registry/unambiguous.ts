import { Fault, hasRepeatedKeys, readJson } from "../core/index.ts";

/** Keys of indexes, manifests and descriptors. Source: OCI image-spec v1.1, image-index.md, manifest.md, descriptor.md. */
const KNOWN: ReadonlyMap<string, string> = new Map(
  [
    "schemaVersion",
    "mediaType",
    "artifactType",
    "manifests",
    "config",
    "layers",
    "subject",
    "annotations",
    "digest",
    "size",
    "urls",
    "data",
    "platform",
  ].map((name) => [folded(name), name]),
);

/**
 * An index or a manifest as a value; undefined where the bytes are not JSON. Throws Fault `registry/invalid` where
 * runtimes may read something else in it: Go's encoding/json takes a key in any letter case, and of several the last,
 * so that `"manifests":[…],"Manifests":[…]` leads a runtime to the second list. What is in annotations has no fields,
 * and any case.
 */
export function readUnambiguous({ buffer, byteOffset, length }: Uint8Array): unknown {
  const text = Buffer.from(buffer, byteOffset, length).toString("utf8");
  const value = readJson(text);
  if (value !== undefined && hasRepeatedKeys(text, value)) throw ambiguous("has a key twice");
  for (const each of partsOf(value)) refuseOtherCases(each);
  return value;
}

/** The document itself, and the descriptors in it. */
function partsOf(document: unknown): readonly object[] {
  if (!isObject(document)) return [];
  const { manifests, layers, config, subject } = document;
  const lists = [manifests, layers].filter((each) => Array.isArray(each));
  return [document, config, subject, ...lists.flat()].filter(isObject);
}

function refuseOtherCases(part: object): void {
  const seen = new Set<string>();
  for (const key of Object.keys(part)) {
    const name = folded(key);
    if (seen.has(name) || (KNOWN.get(name) ?? key) !== key)
      throw ambiguous("has a key in several letter cases, or a known one in another");
    seen.add(name);
  }
}

/** Without letter case, as Go compares keys: the Kelvin sign is a k, and the long s an s. */
function folded(key: string): string {
  return key.toUpperCase().toLowerCase();
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function ambiguous(why: string): Fault {
  return new Fault("registry/invalid", `an index or manifest ${why}, so that programs read it differently`);
}
