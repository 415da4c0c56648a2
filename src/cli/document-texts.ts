import { z } from "zod";

import { type Place, readPlacedManifests } from "../documents/index.ts";

/** A document's text, and where its places are in the file. */
export interface DocumentText {
  readonly text: string;
  readonly placeOf: (place: Place) => Place;
}

const Manifest = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({}),
  data: z.record(z.string(), z.unknown()).nullish(),
});

/**
 * The documents in a file: the file itself, or where it holds manifests, what ConfigMaps have under the key. Empty where none
 * has it. A text that cannot be read is the document itself, whose own reader says what is wrong.
 */
export function documentTexts(text: string, key: string): DocumentText[] {
  const read = readPlacedManifests(text);
  const manifests = read.ok ? read.value : [];
  const parsed = manifests.map(({ content }) => Manifest.safeParse(content).data);
  if (parsed.every((manifest) => manifest === undefined)) return [{ text, placeOf: (place) => place }];
  return manifests.flatMap(({ placeOf }, at) => {
    const manifest = parsed[at];
    const document = manifest?.kind === "ConfigMap" ? manifest.data?.[key] : undefined;
    return typeof document === "string"
      ? [{ text: document, placeOf: placesWithin(placeOf(["data", key]), text) }]
      : [];
  });
}

/** Lines of a block scalar follow the one that it begins on; of any other, only its beginning is known. */
function placesWithin(begin: Place, file: string): (place: Place) => Place {
  const lines = file.split("\n");
  if (!/\|[0-9+-]*\s*(?:#.*)?$/.test(lines[begin.line - 1] ?? "")) return () => begin;
  const indent = (lines.slice(begin.line).find((line) => line.trim() !== "") ?? "").search(/\S/);
  return ({ line, column }) => ({ line: begin.line + line, column: column + Math.max(indent, 0) });
}
