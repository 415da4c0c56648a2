import type { Parsed, Problem } from "../core/index.ts";
import { parseStream, valueOf } from "./manifests.ts";
import type { PlainDocument } from "./plain.ts";
import { placeAt } from "./schema-problems.ts";

/**
 * Reads a stream of manifests with what is needed to point into each of them. Fails as a whole where any of it cannot be
 * read: half of a policy is another policy. Bounds and rules as `readManifests`.
 */
export function readPlacedManifests(text: string): Parsed<readonly PlainDocument[]> {
  const stream = parseStream(text);
  if (!stream.ok) return stream;
  const { documents, lines } = stream.value;
  const read: PlainDocument[] = [];
  const problems: Problem[] = [];
  for (const document of documents) {
    const value = valueOf(document, lines);
    if (!value.ok) problems.push(...value.problems);
    else if (value.value !== null && value.value !== undefined) {
      const content = value.value;
      read.push({ content, placeOf: (path) => placeAt([...path], { content, document, lines }) });
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: read };
}
