import {
  after,
  covers,
  cutFirstSlash,
  isEmptyOrStars,
  isStar,
  matchesText,
  type NameParts,
  readWildcards,
  singleSegment,
  type Wildcards,
} from "./wildcards.ts";

/** Patterns over full names as our policy matches them, and why they match more than the foreign pattern. */
export interface Placed {
  readonly globs: readonly Wildcards[];
  /** One clause each; none where they match the same images. */
  readonly wider: readonly string[];
}

const HUB = readWildcards("docker.io");
const LIBRARY = readWildcards("library");

/** One way in which a pattern can be cut into that of a name and that of what follows it. */
export interface Ending {
  readonly name: Wildcards;
  /** What of tags and digests the pattern takes. */
  readonly takes: "all" | "tags" | "digests" | "some";
}

/**
 * All the ways in which the tag or digest of a reference can begin: at a colon or an at sign after the last slash, or
 * within a star. Empty where no reference with a tag or a digest matches the pattern.
 */
export function endingsOf(pattern: Wildcards): readonly Ending[] {
  const from = pattern.lastIndexOf("/") + 1;
  return pattern.slice(from).flatMap((token, offset): Ending[] => {
    const at = from + offset;
    const rest = pattern.slice(at + 1);
    if (isStar(token))
      return [{ name: pattern.slice(0, at + 1), takes: isEmptyOrStars(rest) ? "all" : "some" }];
    const all = { ":": "tags", "@": "digests" } as const;
    if (token !== ":" && token !== "@") return [];
    return [{ name: pattern.slice(0, at), takes: takesAny(token, rest) ? all[token] : "some" }];
  });
}

/** Whether any tag, or any digest, matches what follows the mark. */
function takesAny(mark: ":" | "@", rest: Wildcards): boolean {
  const open = mark === ":" ? [rest] : [rest, ...after(rest, "sha256:")];
  return open.some((each) => each.length > 0 && isEmptyOrStars(each));
}

/**
 * Full names as Kyverno writes them: Docker Hub is docker.io; of a name of one part some releases write `library/` before it,
 * others do not. Source: kyverno/kyverno, pkg/utils/image/infos.go, at 1.11 and on main.
 */
export function placeKyvernoNames(name: Wildcards): Placed {
  const placed = hosted(name).map(placeKyvernoName);
  const why =
    "images that Docker Hub lists below library/ have two names in the original, and here both match";
  return {
    globs: placed.flatMap(({ globs }) => globs),
    wider: placed.some(({ isSplit }) => isSplit) ? [why] : [],
  };
}

/** `isSplit`: an image is matched under one of the two names and not under the other. */
function placeKyvernoName({ host, path }: NameParts): {
  readonly globs: readonly Wildcards[];
  readonly isSplit: boolean;
} {
  const isHub = matchesText(host, "docker.io");
  const isOnlyHub = host.join("") === "docker.io";
  const short = singleSegment(path);
  const long = after(path, "library/").flatMap((rest) => {
    const single = singleSegment(rest);
    return single === undefined || single.length === 0 ? [] : [single];
  });
  const ofHub = isHub ? [...(short === undefined ? [] : [short]), ...long] : [];
  const isDeadOfHub = isOnlyHub && short !== undefined && !path.includes("**");
  return {
    globs: [
      ...ofHub.map((rest) => join(HUB, join(LIBRARY, rest))),
      ...(isDeadOfHub ? [] : [join(host, path)]),
      ...(isOnlyHub ? [] : long.map((rest) => join(host, rest))),
    ],
    isSplit: isHub ? !areAlike(short, long) : long.some((rest) => !covers(path, rest)),
  };
}

/**
 * Full names as go-containerregistry writes them: Docker Hub is index.docker.io, `library/` included.
 * Source: google/go-containerregistry, pkg/name.
 */
export function placeResolvedNames(name: Wildcards): Placed {
  const globs: Wildcards[] = [];
  const wider = new Set<string>();
  for (const { host, path } of hosted(name)) {
    const isHub = matchesText(host, "index.docker.io");
    const isAlias = matchesText(host, "registry-1.docker.io");
    if (isHub || isAlias) globs.push(join(HUB, path));
    if (host.some(isStar) || !(isHub || isAlias)) globs.push(join(host, path));
    if (!isHub && (isAlias || matchesText(host, "docker.io")))
      wider.add(
        "Docker Hub is index.docker.io in the original, and here its images match under any of its names",
      );
  }
  return { globs, wider: [...wider] };
}

/** Names as people write them, where those of Docker Hub need no registry: ours match them however they are written. */
export function placeShortNames(name: Wildcards): Placed {
  const short = name.some((token) => token === ":" || token === "@") ? undefined : singleSegment(name);
  const globs = [
    ...(short === undefined ? [] : [join(HUB, join(LIBRARY, short))]),
    ...parted(name)
      .filter(({ host }) => !isHost(host))
      .map(({ host, path }) => join(HUB, join(host, path))),
  ];
  const why = "it matches Docker Hub images by their short names, and here they match by their full names";
  return { globs, wider: [why] };
}

/** Names as people write them, short or full, where nothing is written out before they are compared. */
export function placeWrittenNames(name: Wildcards): Placed {
  const full = placeKyvernoNames(name);
  const globs = [...full.globs, ...placeShortNames(name).globs];
  const isOfHub = globs.some((glob) =>
    cutFirstSlash(glob).some(({ host }) => matchesText(host, "docker.io")),
  );
  const why = "it matches some spellings of a Docker Hub image, and here all of them match";
  return { globs, wider: [...full.wider, ...(isOfHub ? [why] : [])] };
}

/** The cuts of a name whose first part can be a registry. */
function hosted(name: Wildcards): readonly NameParts[] {
  return parted(name).filter(({ host }) => host.some(isStar) || isHost(host));
}

/** The cuts of a name into two parts that can be one: only a registry's port is after a colon. */
function parted(name: Wildcards): readonly NameParts[] {
  return cutFirstSlash(name).filter(({ host, path }) => {
    return path.length > 0 && !path.includes(":") && ![...host, ...path].includes("@");
  });
}

/** Whether the first part of a name can be nothing but a registry. */
function isHost(host: Wildcards): boolean {
  return host.includes(".") || host.includes(":") || host.includes("[") || host.join("") === "localhost";
}

function join(first: Wildcards, rest: Wildcards): Wildcards {
  return [...first, "/", ...rest];
}

function areAlike(short: Wildcards | undefined, long: readonly Wildcards[]): boolean {
  if (short === undefined) return long.length === 0;
  return long.some((rest) => covers(rest, short)) && long.every((rest) => covers(short, rest));
}
