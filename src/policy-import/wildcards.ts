/**
 * A text with wildcards, as a sequence of single characters and stars: `*` represents anything within a segment, `**` anything at all. A star that represents itself cannot be said, and no image name holds one.
 */
export type Wildcards = readonly string[];

/** Either star. */
export function isStar(token: string | undefined): token is "*" | "**" {
  return token === "*" || token === "**";
}

/** Characters and runs of stars; of a run with `**` in it nothing more is left than `**`. */
export function readWildcards(text: string): Wildcards {
  return joined((text.match(/\*+|[^*]/gu) ?? []).map((part) => (/^\*\*+$/.test(part) ? "**" : part)));
}

/** As a glob of ours. */
export function writeWildcards(tokens: Wildcards): string {
  return joined(tokens).join("");
}

/** Whether nothing is left to be matched: `tokens` represents the empty text, too. */
export function isEmptyOrStars(tokens: Wildcards): boolean {
  return tokens.every(isStar);
}

/** What is left of `tokens` once they have matched `start`; several where a star may end in several places. */
export function after(tokens: Wildcards, start: string): readonly Wildcards[] {
  let lefts = withSkippedStars([tokens]);
  for (const char of start) {
    const next = lefts.flatMap((left): Wildcards[] => {
      const [first, ...rest] = left;
      if (first === "**" || (first === "*" && char !== "/")) return [left];
      return first === char ? [rest] : [];
    });
    lefts = distinct(withSkippedStars(next));
  }
  return lefts;
}

/** Whether `tokens` match a text as a whole. */
export function matchesText(tokens: Wildcards, text: string): boolean {
  return after(tokens, text).some(isEmptyOrStars);
}

/** Whether everything that `narrow` matches is sure to be matched by `wide`. */
export function covers(wide: Wildcards, narrow: Wildcards): boolean {
  const reach = new Map<string, boolean>();
  const from = (i: number, j: number): boolean => {
    const key = `${i} ${j}`;
    const known = reach.get(key);
    if (known !== undefined) return known;
    reach.set(key, false);
    const result = step(i, j);
    reach.set(key, result);
    return result;
  };
  const step = (i: number, j: number): boolean => {
    const [mine, other] = [wide[i], narrow[j]];
    if (mine === undefined) return other === undefined;
    if (!isStar(mine)) return mine === other && from(i + 1, j + 1);
    if (from(i + 1, j)) return true;
    const takes = other !== undefined && (mine === "**" || (other !== "/" && other !== "**"));
    return takes && from(i, j + 1);
  };
  return from(0, 0);
}

/** A name cut at its first slash. */
export interface NameParts {
  readonly host: Wildcards;
  readonly path: Wildcards;
}

/** All the ways in which the first slash of a name can fall, also within a `**`. */
export function cutFirstSlash(tokens: Wildcards): readonly NameParts[] {
  const found: NameParts[] = [];
  const host: string[] = [];
  for (const [at, token] of tokens.entries()) {
    const rest = tokens.slice(at + 1);
    if (token === "/") return [...found, { host, path: rest }];
    if (token === "**") found.push({ host: [...host, "*"], path: ["**", ...rest] });
    host.push(token === "**" ? "*" : token);
  }
  return found;
}

/** What a path matches without any slash; undefined where it always holds one. */
export function singleSegment(path: Wildcards): Wildcards | undefined {
  return path.includes("/") ? undefined : joined(path.map((token) => (token === "**" ? "*" : token)));
}

/** Neighbouring stars are one: `**` where one of them crosses slashes. */
function joined(tokens: Wildcards): Wildcards {
  const out: string[] = [];
  for (const token of tokens) {
    const last = out.at(-1);
    if (isStar(token) && isStar(last)) out[out.length - 1] = token === "**" ? token : last;
    else out.push(token);
  }
  return out;
}

/** A star may match nothing: what follows it is a way on, too. */
function withSkippedStars(lefts: readonly Wildcards[]): readonly Wildcards[] {
  return lefts.flatMap((left) => {
    const stars = left.findIndex((token) => !isStar(token));
    const most = stars < 0 ? left.length : stars;
    return Array.from({ length: most + 1 }, (_, skipped) => left.slice(skipped));
  });
}

function distinct(lefts: readonly Wildcards[]): readonly Wildcards[] {
  return [...new Map(lefts.map((left) => [left.join("\0"), left])).values()];
}
