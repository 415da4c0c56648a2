import { Fault, parseImageRef } from "../../core/index.ts";
import {
  type DescribeTask,
  type Found,
  hidden,
  missed,
  type Sighting,
  sightEach,
  sightPinned,
  type Source,
} from "./found.ts";
import type { PackagesPort, PackageVersion } from "./ports.ts";

/** Versions of one package; past them it is said. */
const MAX_VERSIONS = 100_000;

/** Every version of every container package of an owner, with the time of its push. */
export function githubSource(packages: PackagesPort, task: Omit<DescribeTask, "source" | "signal">): Source {
  return async function* (signal) {
    const asking: DescribeTask = { ...task, source: "github", signal };
    let seen = 0;
    try {
      for await (const { name, repository } of packages.packages(signal)) {
        seen += 1;
        yield* packageImages({ packages, name, repository }, asking);
      }
    } catch (error) {
      signal.throwIfAborted();
      yield missed("github", "the list of packages", error);
      return;
    }
    if (seen === 0)
      yield hidden("github", "any package", "the owner has no container package that the token may see");
  };
}

interface Package {
  readonly packages: PackagesPort;
  readonly name: string;
  readonly repository: string;
}

/** Platform images that an index lists and that have no tag are part of it, and have no line. */
async function* packageImages(
  { packages, name, repository }: Package,
  task: DescribeTask,
): AsyncGenerator<Sighting> {
  const found: Found[] = [];
  try {
    const versions = firstOf(packages.versions(name, task.signal), repository);
    for await (const sighting of sightEach(versions, (version) => sightVersion(repository, version, task))) {
      if (sighting.kind === "found") found.push(sighting);
      else yield sighting;
    }
  } catch (error) {
    task.signal.throwIfAborted();
    yield missed("github", `versions of ${repository}`, error);
  }
  const parts = new Set(found.flatMap(({ described }) => described?.children ?? []));
  yield* found.filter(({ tags, image }) => tags.length > 0 || !parts.has(image.digest));
}

/** Throws where there are too many to be kept. */
async function* firstOf(
  versions: AsyncIterable<PackageVersion>,
  what: string,
): AsyncGenerator<PackageVersion> {
  let count = 0;
  for await (const version of versions) {
    if (count === MAX_VERSIONS)
      throw new Fault("limits/exceeded", `${what} has more than ${MAX_VERSIONS} versions`);
    count += 1;
    yield version;
  }
}

async function sightVersion(
  repository: string,
  { digest, createdAt, tags }: PackageVersion,
  task: DescribeTask,
): Promise<Sighting[]> {
  const parsed = parseImageRef(`${repository}@${digest}`);
  if (!parsed.ok) return [hidden("github", repository, `it cannot be named: ${parsed.why}`)];
  return await sightPinned({ ...parsed.ref, digest }, { tags, pushed: createdAt }, task);
}
