/** `git@host:owner/name`, with or without `ssh://`. */
const SSH = /^(?:ssh:\/\/)?[^/:@]*@[^@]+$/;
const NOT_READ = /[?[\]{}\\]/;
const MAX_CELLS = 4_000_000;

/**
 * The address of a repository as Argo CD compares it: without case, `.git` at its end and `ssh://`. Source: argo-cd,
 * util/git/git.go, NormalizeGitURL.
 */
export function normalRepository(address: string): string {
  const plain = address.trim().toLowerCase();
  const asPath = SSH.test(plain) && !plain.startsWith("ssh://") ? plain.replace(":", "/") : plain;
  return asPath.replace(/\.git$/, "").replace(/^ssh:\/\//, "");
}

/** Whether two addresses mean one repository to Argo CD. */
export function sameRepository(one: string, other: string): boolean {
  return normalRepository(one) === normalRepository(other);
}

/** Whether two addresses mean one repository by all appearance, and two to Argo CD: by another protocol, user or port. */
export function seemSameRepository(one: string, other: string): boolean {
  return !sameRepository(one, other) && hostAndPath(one) === hostAndPath(other);
}

function hostAndPath(address: string): string {
  const [, host = "", path = ""] =
    /^(?:[a-z+]+:\/\/)?(?:[^/@]*@)?([^/:]*)(?::\d+(?=\/))?[/:]?(.*)$/.exec(normalRepository(address)) ?? [];
  return `${host}/${path.replace(/^\/+/, "")}`;
}

/**
 * Whether a project's `sourceRepos` allow a repository: one entry must, and none with `!` may name it. Undefined where an
 * entry is written in a way that is not read here. Source: argo-cd, docs/user-guide/projects.md, IsSourcePermitted.
 */
export function allowsRepository(sourceRepos: readonly string[], address: string): boolean | undefined {
  const repository = normalRepository(address);
  const denied = sourceRepos
    .filter((entry) => entry.startsWith("!"))
    .map((entry) => matches(entry.slice(1), repository));
  const allowed = sourceRepos
    .filter((entry) => !entry.startsWith("!"))
    .map((entry) => matches(entry, repository));
  if (denied.includes(true)) return false;
  if (denied.includes(undefined)) return undefined;
  return allowed.includes(true) || (allowed.includes(undefined) ? undefined : false);
}

/** `*` stays inside a segment, `**` crosses segments, and `*` alone is anything. */
function matches(entry: string, repository: string): boolean | undefined {
  if (entry === "*") return true;
  const pattern = normalRepository(entry);
  if (NOT_READ.test(pattern)) return undefined;
  const parts = pattern.split(/(\*+)/);
  if (parts.length * repository.length > MAX_CELLS) return undefined;
  let reached = new Set([0]);
  for (const part of parts)
    reached = part.startsWith("*") ? skipped(repository, reached, part) : taken(repository, reached, part);
  return reached.has(repository.length);
}

/** The places that are reached from others over literal text. */
function taken(text: string, from: ReadonlySet<number>, part: string): Set<number> {
  return new Set([...from].filter((at) => text.startsWith(part, at)).map((at) => at + part.length));
}

/** The places that are reached from others over a star. */
function skipped(text: string, from: ReadonlySet<number>, stars: string): Set<number> {
  const reached = new Set<number>();
  let isOn = false;
  for (let at = 0; at <= text.length; at += 1) {
    if (stars.length === 1 && text[at - 1] === "/") isOn = false;
    if (from.has(at)) isOn = true;
    if (isOn) reached.add(at);
  }
  return reached;
}
