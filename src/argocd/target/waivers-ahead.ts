import { formatDuration, printable, formatInstant } from "../../core/index.ts";
import type { NamespaceVerdict } from "./judge-target.ts";

const MAX = 300;

/** When waivers that were used are to be warned of. */
export interface RolloutWindow {
  readonly now: Date;
  /** A waiver that ends within this time is named as a warning, ms. */
  readonly rolloutWindowMs: number;
}

/** A sentence for each waiver that was used and ends within the rollout window, the one that ends first before the others. */
export function waiversAhead(
  verdicts: readonly NamespaceVerdict[],
  { now, rolloutWindowMs }: RolloutWindow,
): string[] {
  const left = (until: Date): number => until.getTime() - now.getTime();
  const used = verdicts.flatMap(({ verdict }) => verdict.waived);
  const soon = used
    .filter(({ waiver }) => left(waiver.until) <= rolloutWindowMs)
    .toSorted((a, b) => left(a.waiver.until) - left(b.waiver.until));
  const sentences = soon.map(({ finding, waiver: { id, owners, until } }) => {
    const end = `${formatInstant(until)} (in ${formatDuration(left(until))})`;
    return printable(
      `waiver ${id} ends at ${end}, within the rollout: owner ${owners.slice(0, 2).join(", ")}, ${finding.code} of ${finding.subject.image}`,
      MAX,
    );
  });
  return [...new Set(sentences)];
}
