import { type ImageRef, isPinned, parseImageRef, UsageError } from "../../core/index.ts";
import { sightTag } from "./catalog-source.ts";
import { type DescribeTask, sightEach, sightPinned, type Source } from "./found.ts";

/** One reference a line; empty lines and those that begin with # say nothing. Throws UsageError for what is none. */
export function imagesSource(
  text: string,
  from: string,
  task: Omit<DescribeTask, "source" | "signal">,
): Source {
  let count = 0;
  for (const _ of refsIn(text, from)) count += 1;
  if (count === 0) throw new UsageError(`${from} names no image`);
  return (signal) => {
    const asking: DescribeTask = { ...task, source: "images", signal };
    return sightEach(refsIn(text, from), async (ref) => {
      if (!isPinned(ref)) return [await sightTag({ ...ref, tag: ref.tag ?? "latest" }, asking)];
      return await sightPinned(ref, { tags: ref.tag === undefined ? [] : [ref.tag] }, asking);
    });
  };
}

/** One after the other, so that only the text is kept of many. */
function* refsIn(text: string, from: string): Generator<ImageRef> {
  let at = 0;
  for (const [line] of text.matchAll(/[^\n]*(?:\n|$)/g)) {
    at += 1;
    const reference = line.trim();
    if (reference === "" || reference.startsWith("#")) continue;
    const parsed = parseImageRef(reference);
    if (!parsed.ok) throw new UsageError(`${from}:${at}: not an image reference: ${parsed.why}`);
    yield parsed.ref;
  }
}
