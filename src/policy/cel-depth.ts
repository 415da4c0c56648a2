/** A raw text, a text, or one character. Source: github.com/google/cel-spec, doc/langdef.md, "Syntax". */
const TOKEN =
  /(?<!\w)(?:[rR][bB]?|[bB][rR])(?:"""[^]*?"""|'''[^]*?'''|"[^"\n]*"|'[^'\n]*')|"""(?:\\[^]|[^\\])*?"""|'''(?:\\[^]|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[^]/g;

/** How many brackets of an expression are open at once; those in its texts do not count. */
export function depthOf(expression: string): number {
  let [depth, deepest] = [0, 0];
  for (const [token] of expression.matchAll(TOKEN)) {
    if ("([{".includes(token)) deepest = Math.max(deepest, ++depth);
    else if (")]}".includes(token)) depth = Math.max(0, depth - 1);
  }
  return deepest;
}
