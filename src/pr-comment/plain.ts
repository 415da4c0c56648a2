const MAX = 300;

/** Foreign words as words: no mention, link, markup, or end of a line or cell, and no letter that shows others reversed. */
export function code(text: string): string {
  const clean = text.replaceAll(/[`|<>\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "?").trim();
  const short = clean.length > MAX ? `${clean.slice(0, MAX)}…` : clean;
  return `\`${short === "" ? "?" : short}\``;
}

/** The lines of a foreign text, between fences that none of them ends. */
export function fenced(text: string): { readonly head: string; readonly lines: readonly string[] } {
  const lines = text
    .replaceAll("\r\n", "\n")
    .replaceAll(/[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/gu, "?")
    .trimEnd()
    .split("\n")
    .map((line) => line.slice(0, MAX));
  const longest = Math.max(
    2,
    ...lines.flatMap((line) => line.match(/`+/g) ?? []).map(({ length }) => length),
  );
  return { head: "`".repeat(longest + 1), lines };
}
