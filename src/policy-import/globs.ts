import {
  type Ending,
  endingsOf,
  type Placed,
  placeKyvernoNames,
  placeResolvedNames,
  placeShortNames,
  placeWrittenNames,
} from "./image-names.ts";
import type { Effect } from "./incompatibility.ts";
import { covers, readWildcards, type Wildcards, writeWildcards } from "./wildcards.ts";

/** Globs of ours for one foreign pattern. */
export interface Globs {
  /** Together they match every image that the pattern matches; more only where a loss says so. */
  readonly globs: readonly string[];
  readonly losses: readonly GlobLoss[];
}

/** What the pattern says that the globs do not. */
export interface GlobLoss {
  readonly effect: Exclude<Effect, "none">;
  readonly why: string;
}

/** How one system reads the patterns. */
interface Reading {
  /** What it does to the imported policy that a rule covers more images. */
  readonly wider: "weaker" | "stricter";
  /** Whether images are compared by digest alone, tags resolved before. */
  readonly byDigest: boolean;
  readonly place: (name: Wildcards) => readonly Placed[];
}

const MAX_PATTERN = 512; // characters; our policy takes no longer globs
const ALL: Wildcards = ["**"];
const UNMATCHED =
  "no image in a registry has a name that it matches; here it is matched as a Docker Hub name";
const CAPITALS =
  "capital letters match only themselves in the original; here they match small ones, as names are compared in lower case";

/**
 * Images that no policy matches are refused, so that a rule which covers more makes the policy weaker.
 * Source: sigstore/policy-controller, pkg/apis/glob: the full name is compared, then the text as written.
 */
const POLICY_CONTROLLER: Reading = {
  wider: "weaker",
  byDigest: true,
  place: (name) => [placeResolvedNames(name), placeShortNames(name)],
};
/** Images that no rule matches pass. Source: kyverno/kyverno, pkg/engine/utils/image.go and pkg/utils/image/infos.go. */
const KYVERNO: Reading = {
  wider: "stricter",
  byDigest: false,
  place: (name) => [placeKyvernoNames(name)],
};
/** As Kyverno's, but the text is compared as it is written. Source: kyverno/kyverno, pkg/cel/compiler. */
const KYVERNO_CEL: Reading = {
  ...KYVERNO,
  place: (name) => [placeWrittenNames(name)],
};

/** Globs for one of a ClusterImagePolicy, where `*` stays within a segment and `**` crosses slashes. */
export function policyControllerGlobs(text: string): Globs {
  const whole = text === "*" ? "index.docker.io/library/*" : text;
  return globsFor(whole === "*/*" ? "index.docker.io/*/*" : whole, POLICY_CONTROLLER);
}

/**
 * Globs for an image reference of Kyverno's, where `*` crosses slashes. Dots represent dots, though Kyverno takes any
 * character for one.
 */
export function kyvernoGlobs(text: string): Globs {
  return globsWithQuestionMarks(text, KYVERNO);
}

/**
 * Globs for one of an ImageValidatingPolicy. Source: gobwas/glob without separators; what its classes, choices and
 * escapes represent is not said in ours.
 */
export function kyvernoCelGlobs(text: string): Globs {
  if (!/[[\]{}!\\]/.test(text)) return globsWithQuestionMarks(text, KYVERNO_CEL);
  const why = "globs here have no classes, choices or escapes; the rule covers every image";
  return { globs: ["**"], losses: [{ effect: "stricter", why }] };
}

function globsWithQuestionMarks(text: string, reading: Reading): Globs {
  const found = globsFor(text.replaceAll(/[?*]+/g, "**"), reading);
  if (!text.includes("?")) return found;
  const loss = { effect: reading.wider, why: "? becomes any text here" } as const;
  return { ...found, losses: [loss, ...found.losses] };
}

function globsFor(text: string, reading: Reading): Globs {
  const small = text.toLowerCase();
  const found = globsForSmall(small, reading);
  if (small === text) return found;
  const loss = { effect: reading.wider, why: CAPITALS } as const;
  return { ...found, losses: [loss, ...found.losses] };
}

/** Of a text without capital letters. */
function globsForSmall(text: string, reading: Reading): Globs {
  const { wider } = reading;
  if (text.length > MAX_PATTERN) {
    const why = `it is longer than ${MAX_PATTERN} characters; the rule covers every image`;
    return { globs: ["**"], losses: [{ effect: wider, why }] };
  }
  const pattern = readWildcards(text);
  if (covers(pattern, ALL)) return { globs: ["**"], losses: [] };
  const endings = endingsOf(pattern);
  const { names, loss } = namesOf(pattern, endings, reading);
  const placed = names.map((name) => reading.place(name));
  const globs = widest(placed.flat().flatMap((each) => each.globs));
  const losses = [...(loss === undefined ? [] : [loss]), ...placed.flatMap((each) => widenings(each, wider))];
  if (globs.length > 0) return { globs: globs.map(writeWildcards), losses: distinct(losses) };
  const shorts = names.flatMap((name) => placeShortNames(name).globs);
  const rest = { effect: wider, why: UNMATCHED } as const;
  return { globs: widest(shorts).map(writeWildcards), losses: distinct([...losses, rest]) };
}

/** The patterns of names, and what is lost since ours match an image whatever its tag and digest. */
function namesOf(
  pattern: Wildcards,
  endings: readonly Ending[],
  { wider, byDigest, place }: Reading,
): { readonly names: readonly Wildcards[]; readonly loss?: GlobLoss } {
  if (endings.length === 0) {
    const why =
      "without a star at the end it matches no image by tag or digest; here it matches the repository";
    return { names: [pattern], loss: { effect: wider, why } };
  }
  const isName = (name: Wildcards): boolean => place(name).some(({ globs }) => globs.length > 0);
  const names = widest(endings.map(({ name }) => name).filter(isName));
  const isWhole = (name: Wildcards): boolean =>
    endings.some(({ name: other, takes }) => {
      return (takes === "all" || (byDigest && takes === "digests")) && covers(other, name);
    });
  const partial = names.filter((name) => !isWhole(name));
  if (partial.length === 0) return { names };
  const anyTag = partial.every((name) =>
    endings.some((each) => each.takes === "tags" && covers(each.name, name)),
  );
  if (anyTag) {
    const why = "it matches images named by a tag; here it also matches those named by digest alone";
    return { names, loss: { effect: byDigest ? "differs" : wider, why } };
  }
  const why = "globs here match repositories, whatever the tag or digest, and not only those that it names";
  return { names, loss: { effect: wider, why } };
}

/** Reasons that count: those of patterns which match more than the ones before them, which say the same as the original. */
function widenings(placed: readonly Placed[], effect: Reading["wider"]): GlobLoss[] {
  const exact = placed[0]!.globs;
  return placed.flatMap(({ globs, wider }, at) => {
    const adds = at === 0 || globs.some((glob) => !exact.some((other) => covers(other, glob)));
    return adds ? wider.map((why) => ({ effect, why })) : [];
  });
}

/** Without those that another one covers. */
function widest(patterns: readonly Wildcards[]): Wildcards[] {
  return patterns.filter(
    (pattern, at) =>
      !patterns.some(
        (other, index) => index !== at && covers(other, pattern) && (index < at || !covers(pattern, other)),
      ),
  );
}

function distinct(losses: readonly GlobLoss[]): GlobLoss[] {
  return [...new Map(losses.map((loss) => [loss.why, loss])).values()];
}
