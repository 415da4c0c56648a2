import { type Finding, type Problem } from "../../src/core/index.ts";
import { coveringWaiver, parseWaivers, stateOf, type WaiverRegistry } from "../../src/waivers/index.ts";
import type { Answer, Asked, Case } from "./case.ts";

const CODES = {
  vulnerability: "vulnerability/blocked",
  sbom: "sbom/missing",
  signature: "signature/missing",
  provenance: "provenance/missing",
  promotable: "promotable/unknown",
  reference: "reference/unpinned",
} as const;

/** What the gate makes of a case. */
export function answerOfTypeScript({ text, now, asked }: Case): Answer {
  const parsed = parseWaivers(text);
  if (!parsed.ok)
    return { ...NOTHING, document: rulesOf(parsed.problems), covering: asked.map(() => "none") };
  const { waivers, problems } = parsed.value;
  const refused = Object.groupBy(problems, ({ path }) => /^waivers\[(\d+)\]/.exec(path)?.[1] ?? "none");
  return {
    document: [],
    refused: Object.fromEntries(Object.entries(refused).map(([index, found]) => [index, rulesOf(found!)])),
    accepted: Object.fromEntries(
      waivers.map((waiver) => [
        waiver.id,
        {
          class: waiver.class,
          from: waiver.from.getTime(),
          until: waiver.until.getTime(),
          state: stateOf(waiver, now),
        },
      ]),
    ),
    ended: endedOf(parsed.value, Object.keys(refused), now),
    covering: asked.map((each) => coveringOf(parsed.value, each, now)),
  };
}

const NOTHING = { refused: {}, accepted: {}, ended: [] } as const;

function endedOf({ waivers }: WaiverRegistry, refused: readonly string[], now: Date): string[] {
  const expired = waivers.filter((each) => stateOf(each, now) === "expired").map(({ id }) => `expired ${id}`);
  return [...expired, ...refused.map((index) => `unreadable ${index}`)].toSorted();
}

function rulesOf(problems: readonly Problem[]): string[] {
  return [...new Set(problems.map(({ rule }) => rule))].toSorted();
}

function coveringOf(registry: WaiverRegistry, asked: Asked, now: Date): string {
  const finding = {
    kind: "finding",
    code: CODES[asked.class],
    subject: { image: "", place: "" },
    digest: asked.digest,
    message: "",
    ...(asked.ids !== undefined && { ids: asked.ids }),
  } as Finding;
  const { image, namespace } = asked;
  return coveringWaiver(registry, finding, { image, namespace, now })?.id ?? "none";
}
