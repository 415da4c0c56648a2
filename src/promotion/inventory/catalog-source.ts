import { Fault, type ImageRef, parseImageRef, type PinnedImage, UsageError } from "../../core/index.ts";
import {
  ATTACHED,
  describeRef,
  type DescribeTask,
  type Found,
  hasLine,
  hidden,
  missed,
  type Sighting,
  sightEach,
  type Source,
} from "./found.ts";

/** Tags of one repository; more is a repository that no one cleans up, and would fill the memory. */
const MAX_TAGS = 100_000;

/** Every tagged image of a registry, or of the repositories below a path: `HOST[/PATH]`. Throws UsageError. */
export function catalogSource(place: string, task: Omit<DescribeTask, "source" | "signal">): Source {
  const { registry, path } = placeOf(place);
  return async function* (signal) {
    const asking: DescribeTask = { ...task, source: "catalog", signal };
    yield hidden("catalog", `images of ${registry} without a tag`, "a registry lists tags only");
    yield hidden("catalog", `when images of ${registry} were pushed`, "a registry's lists have no times");
    let below = 0;
    try {
      for await (const repository of task.catalog.repositories(registry, signal)) {
        if (path !== "" && repository !== path && !repository.startsWith(`${path}/`)) continue;
        below += 1;
        yield* repositoryImages({ registry, repository }, asking);
      }
    } catch (error) {
      signal.throwIfAborted();
      yield missed("catalog", `the list of repositories of ${registry}`, error);
      return;
    }
    if (below === 0)
      yield hidden("catalog", `anything at ${place}`, "the registry lists no repository there");
  };
}

function placeOf(place: string): { registry: string; path: string } {
  const slash = place.indexOf("/");
  const registry = slash < 0 ? place : place.slice(0, slash);
  const path = slash < 0 ? "" : place.slice(slash + 1).replace(/\/+$/, "");
  const parsed = parseImageRef(`${registry}/${path === "" ? "any" : path}`);
  if (!parsed.ok || parsed.ref.registry !== registry.toLowerCase())
    throw new UsageError(`--catalog ${place} is not HOST[/PATH], such as registry.example.com/team`);
  return { registry: parsed.ref.registry, path };
}

/** The images of a repository by their tags, each once. */
async function* repositoryImages(
  ref: Pick<ImageRef, "registry" | "repository">,
  task: DescribeTask,
): AsyncGenerator<Sighting> {
  const name = `${ref.registry}/${ref.repository}`;
  if (!parseImageRef(name).ok) {
    yield hidden("catalog", `a repository of ${ref.registry}`, "its name is not one that an image can have");
    return;
  }
  const tags: string[] = [];
  try {
    for await (const tag of task.catalog.tags(ref, task.signal)) {
      if (tags.length === MAX_TAGS) throw new Fault("limits/exceeded", `it has more than ${MAX_TAGS} tags`);
      tags.push(tag);
    }
  } catch (error) {
    task.signal.throwIfAborted();
    yield missed("catalog", `tags of ${name}`, error);
  }
  yield* byTags(ref, tags, task);
}

async function* byTags(
  ref: Pick<ImageRef, "registry" | "repository">,
  tags: readonly string[],
  task: DescribeTask,
): AsyncGenerator<Sighting> {
  const found: Found[] = [];
  for await (const sighting of sightEach(tags, async (tag) => [await sightTag({ ...ref, tag }, task)])) {
    if (sighting.kind === "found") found.push(sighting);
    else yield sighting;
  }
  for (const alike of Map.groupBy(found, ({ image }) => image.digest).values())
    yield { ...alike[0]!, tags: alike.flatMap((each) => each.tags) };
}

/** What a tag leads to. */
export async function sightTag(
  ref: Pick<ImageRef, "registry" | "repository"> & { readonly tag: string },
  task: DescribeTask,
): Promise<Sighting> {
  const name = `${ref.registry}/${ref.repository}:${ref.tag}`;
  try {
    if (!parseImageRef(name).ok) return hidden(task.source, name, "it is not a tag that an image can have");
    const described = await describeRef(ref, task);
    if (described === undefined) return hidden(task.source, name, "its registry has no such tag any longer");
    if (!hasLine(described, task.source)) return ATTACHED;
    const image: PinnedImage = { ...ref, digest: described.digest };
    return { kind: "found", image, source: task.source, tags: [ref.tag], described };
  } catch (error) {
    task.signal.throwIfAborted();
    return missed(task.source, name, error);
  }
}
