import { type Knob, knobsOf } from "./knobs.ts";
import { code, table } from "./markdown.ts";

/** A part of a document that gets a heading: the knobs below its path. */
export interface Part {
  readonly path: string;
  readonly title: string;
  readonly summary?: string;
}

/** One table per part of a schema, each knob in the innermost part that holds it. Throws where a knob has no words. */
export function knobTables(schema: object, parts: readonly Part[]): string {
  const knobs = knobsOf(schema);
  const mute = knobs.find(({ description }) => description === "");
  if (knobs.length === 0 || mute !== undefined)
    throw new Error(`no description: ${mute?.path ?? "the schema has no settings"}`);
  const byPart = Map.groupBy(withoutPatterns(knobs), ({ path }) => innermost(parts, path));
  return parts
    .map((part) => section(part, byPart.get(part) ?? []))
    .filter((text) => text !== "")
    .join("\n\n");
}

/** A text or `{ pattern: … }` is one setting of type "text or pattern", rather than two. */
function withoutPatterns(knobs: readonly Knob[]): Knob[] {
  const patterned = new Set(
    knobs.flatMap(({ path }) => (path.endsWith(".pattern") ? [path.slice(0, -".pattern".length)] : [])),
  );
  return knobs
    .filter(({ path }) => !path.endsWith(".pattern"))
    .map((knob) => {
      const isPatterned = patterned.has(knob.path) || patterned.has(`${knob.path}[]`);
      return isPatterned ? { ...knob, type: knob.type.replace("text or map", "text or pattern") } : knob;
    });
}

/** The part whose path is the longest that a knob's begins with. */
function innermost(parts: readonly Part[], path: string): Part | undefined {
  return parts
    .filter(
      (part) =>
        part.path === "" ||
        path === part.path ||
        path.startsWith(`${part.path}.`) ||
        path.startsWith(`${part.path}[`),
    )
    .toSorted((a, b) => b.path.length - a.path.length)[0];
}

function section({ path, title, summary }: Part, knobs: readonly Knob[]): string {
  const rows = knobs.map((knob) => [
    code(shortened(knob.path, path)),
    knob.type,
    knob.required ? "required" : code(knob.default ?? ""),
    knob.description,
  ]);
  if (rows.length === 0) return "";
  return [`## ${title}`, summary, table(["Setting", "Type", "Default", "Meaning"], rows)]
    .filter((each) => each !== undefined)
    .join("\n\n");
}

function shortened(path: string, prefix: string): string {
  return path === prefix ? (path.split(".").at(-1) ?? path) : path.slice(prefix.length).replace(/^\./, "");
}
