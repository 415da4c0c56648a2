/**
 * What a finding says, in parts: findings of one image that say the same of different things, such as its signature and
 * its provenance, share a sentence.
 */
export interface Lack {
  /** `missing`: there is none. `signed`: it is signed, but not as it must be. */
  readonly kind: "missing" | "signed";
  /** The thing, as a noun without an article: `signature`, `SBOM`. `image` for the signature of the image itself. */
  readonly what: string;
  /** Completes `it has no … by`, or `it is signed by`. */
  readonly rest: string;
}

/** Several lacks of one image that differ only in `what`, as one clause. The first one says the rest. */
export function describeLacks(lacks: readonly [Lack, ...Lack[]]): string {
  const [{ kind, rest }] = lacks;
  const things = lacks.map(({ what }) => what);
  if (kind === "missing") return `it has no ${joined(things, "or")} by ${rest}`;
  const signed = things.map((what) => (what === "image" ? "it" : `its ${what}`));
  return `${joined(signed, "and")} ${signed.length === 1 ? "is" : "are"} signed by ${rest}`;
}

/** The same where a code next to it says what it is about. */
export function describeBriefly({ kind, rest }: Lack): string {
  return kind === "missing" ? `none by ${rest}` : `signed by ${rest}`;
}

function joined(things: readonly string[], word: "and" | "or"): string {
  return things.length < 2 ? things.join("") : `${things.slice(0, -1).join(", ")} ${word} ${things.at(-1)!}`;
}
