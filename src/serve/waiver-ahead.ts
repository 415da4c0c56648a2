import { type Finding, parseImageRef, repositoryName } from "../core/index.ts";
import { coveringWaiver, type WaiverRegistry } from "../waivers/index.ts";

/** Whether a waiver that is written, but does not count yet, would cover a finding on its own once it counts. */
export function waiverAhead(
  waivers: () => WaiverRegistry | undefined,
  now: () => Date,
): (finding: Finding, namespace: string) => boolean {
  return (finding, namespace) => {
    const { digest, subject } = finding;
    const parsed = parseImageRef(subject.image);
    const registry = waivers();
    if (digest === undefined || registry === undefined || !parsed.ok) return false;
    const image = repositoryName(parsed.ref);
    const ahead = (registry.byDigest.get(digest) ?? []).filter(({ from }) => from > now());
    return ahead.some(
      (waiver) => coveringWaiver(registry, finding, { image, namespace, now: waiver.from }) !== undefined,
    );
  };
}
