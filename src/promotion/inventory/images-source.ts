import { type ImageRef, isPinned, parseImageRef, UsageError } from "../../core/index.ts";
import { sightTag } from "./catalog-source.ts";
import { type DescribeTask, sightEach, sightPinned, type Source } from "./found.ts";

/** One reference a line; empty lines and those that begin with # say nothing. Throws UsageError for what is none. */
export function imagesSource(
  text: string,
  from: string,
  task: Omit<DescribeTask, "source" | "signal">,
): Source {
  const refs = refsIn(text, from);
  return (signal) => {
    const asking: DescribeTask = { ...task, source: "images", signal };
    return sightEach(refs, async (ref) => {
      if (!isPinned(ref)) return [await sightTag({ ...ref, tag: ref.tag ?? "latest" }, asking)];
      return await sightPinned(ref, { tags: ref.tag === undefined ? [] : [ref.tag] }, asking);
    });
  };
}

function refsIn(text: string, from: string): ImageRef[] {
  const refs: ImageRef[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const reference = line.trim();
    if (reference === "" || reference.startsWith("#")) continue;
    const parsed = parseImageRef(reference);
    if (!parsed.ok) throw new UsageError(`${from}:${at + 1}: not an image reference: ${parsed.why}`);
    refs.push(parsed.ref);
  }
  if (refs.length === 0) throw new UsageError(`${from} names no image`);
  return refs;
}
