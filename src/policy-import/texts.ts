/** A text that is compared: exactly, or by a pattern. */
export type Text = string | { readonly pattern: string };

/**
 * Go's `regexp.MatchString` as a pattern of ours: it looks for a match anywhere in the text, ours for one of the whole.
 */
export function searchPattern(expression: string): { readonly pattern: string } {
  const begins = expression.startsWith("^");
  const ends = /(?:^|[^\\])(?:\\\\)*\$$/.test(expression);
  if (begins && ends && !choosesOutside(expression)) return { pattern: expression };
  return { pattern: `^.*(?:${expression}).*$` };
}

/**
 * The only text that a regular expression represents, where it is one text and nothing else: dots are taken for dots,
 * since that is what their authors mean, and it is the narrower reading. Undefined where it represents several.
 */
export function onlyText(expression: string): string | undefined {
  const inner = expression.replace(/^\^/, "").replace(/\$$/, "");
  if (!/^(?:[\w:/@.-]|\\[./:@-])+$/.test(inner)) return undefined;
  return inner.replaceAll("\\", "");
}

/** A wildcard text, where `*` represents anything and `?` one character, as we compare it. */
export function wildcardText(text: string): Text {
  if (!/[*?]/.test(text)) return text;
  const quoted = text.replace(/[\\^$.|+()[\]{}]/g, String.raw`\$&`);
  return { pattern: `^${quoted.replaceAll("*", ".*").replaceAll("?", ".")}$` };
}

/** Whether a `|` is outside brackets: then `^` and `$` belong to single choices. */
function choosesOutside(expression: string): boolean {
  const plain = expression.replaceAll(/\\./g, "").replaceAll(/\[[^\]]*\]/g, "");
  let depth = 0;
  for (const char of plain) {
    if (char === "(") depth += 1;
    if (char === ")") depth -= 1;
    if (char === "|" && depth <= 0) return true;
  }
  return false;
}
