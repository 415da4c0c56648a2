import type { Parsed } from "../core/index.ts";

/**
 * An edit of a document that can be read and can be read after it as well; the problems of either otherwise. `edit` is given
 * what the document says.
 */
export function editGood<T>(
  text: string,
  parse: (text: string) => Parsed<T>,
  edit: (before: T) => Parsed<string>,
): Parsed<string> {
  const before = parse(text);
  if (!before.ok) return before;
  const edited = edit(before.value);
  const after = edited.ok ? parse(edited.value) : edited;
  return after.ok ? edited : after;
}
