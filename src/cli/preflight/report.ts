import { denial } from "../../admission/index.ts";
import type { JudgedWorkload } from "../../audit/index.ts";
import { fixOf, gateOf, type Objection, type Waived } from "../../core/index.ts";
import { MAX_LIFE } from "../../waivers/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { colour } from "../terminal.ts";
import type { Answer } from "./preflight.ts";

/** Workloads that are spelled out; JSON has all. */
const MAX_SHOWN = 200;

/** Each workload that would be refused with the webhook's own words, and the sums. */
export function textReport(answer: Answer): string {
  const { workloads, forecast, gaps, namespaces, until } = answer;
  const refused = workloads.filter(({ outcome }) => outcome !== "allowed");
  return [
    ...blocks(refused, (each) =>
      each.outcome === "unknown" ? colour("yellow", "unknown") : colour("red", "refused"),
    ),
    ...blocks(forecast, () => colour("yellow", `refused by ${until.toISOString()}`)),
    ...gaps.map(({ what, why }) => `not seen: ${what}: ${why}`),
    ...namespaces.flatMap(({ name, leftOut }) =>
      leftOut === undefined ? [] : `not judged: namespace ${name} is ${leftOut}`,
    ),
    sumLine(answer),
  ].join("\n");
}

function sumLine({ workloads, forecast, namespaces, until }: Answer): string {
  const { allowed, refused, unknown } = countsOf(workloads);
  const judged = namespaces.filter(({ leftOut }) => leftOut === undefined).length;
  return `${workloads.length} workload(s) in ${judged} namespace(s): ${allowed} allowed, ${refused} refused, ${unknown} unknown; of the allowed, ${forecast.length} not until ${until.toISOString()}`;
}

function countsOf(workloads: readonly JudgedWorkload[]): Record<JudgedWorkload["outcome"], number> {
  const counts = { allowed: 0, refused: 0, unknown: 0 };
  for (const { outcome } of workloads) counts[outcome] += 1;
  return counts;
}

function blocks(workloads: readonly JudgedWorkload[], word: (each: JudgedWorkload) => string): string[] {
  const left = workloads.length - MAX_SHOWN;
  return [
    ...workloads
      .slice(0, MAX_SHOWN)
      .flatMap((each) => [
        `${word(each)}  ${each.namespace} ${each.kind} ${each.name}${ownerText(each)}`,
        ...reasonsOf(each).map((line) => `  ${line}`),
      ]),
    ...(left > 0 ? [`and ${left} more; -o json lists all`] : []),
  ];
}

function ownerText({ kind, name, owner }: JudgedWorkload): string {
  return owner.kind === kind && owner.name === name ? "" : ` of ${owner.kind} ${owner.name}`;
}

function reasonsOf({ objections, verdict }: JudgedWorkload): string[] {
  const expired = verdict?.expired ?? [];
  const ended = expired.map(({ waiver }) => `waiver ${waiver.id} ends ${waiver.until.toISOString()}`);
  return [...denial({ objections, expired }).split("\n"), ...waiverLines(objections), ...new Set(ended)];
}

/** How each finding could be set aside, where one can be. */
function waiverLines(objections: readonly Objection[]): string[] {
  const covering = objections.flatMap((each) => {
    const waiver = waiverFor(each);
    return waiver === undefined
      ? []
      : [`a waiver of class ${waiver.class} for ${waiver.digest} would cover it`];
  });
  return [...new Set(covering)];
}

function waiverFor(objection: Objection): { readonly class: string; readonly digest: string } | undefined {
  if (objection.kind === "fault" || objection.digest === undefined) return undefined;
  const gate = gateOf(objection.code);
  return Object.hasOwn(MAX_LIFE, gate) ? { class: gate, digest: objection.digest } : undefined;
}

/** The answer as stable JSON; docs/reference/cli.md describes it. */
export function jsonReport({ workloads, forecast, gaps, namespaces, at, until }: Answer): string {
  return jsonAnswer({
    at: at.toISOString(),
    until: until.toISOString(),
    namespaces,
    counts: { ...countsOf(workloads), forecast: forecast.length },
    workloads: workloads.map(written),
    forecast: forecast.map(written),
    notSeen: gaps,
  });
}

function written({
  group,
  kind,
  namespace,
  name,
  owner,
  outcome,
  objections,
  verdict,
  notes,
}: JudgedWorkload) {
  return {
    namespace,
    group,
    kind,
    name,
    owner,
    outcome,
    objections: objections.map((each) => ({
      kind: each.kind,
      code: each.code,
      image: each.subject?.image,
      place: each.subject?.place,
      message: each.message,
      fix: fixOf(each),
      waiver: waiverFor(each),
    })),
    waived: (verdict?.waived ?? []).map(waivedBy),
    expired: (verdict?.expired ?? []).map(waivedBy),
    notes,
  };
}

function waivedBy({ finding, waiver }: Waived) {
  return { code: finding.code, id: waiver.id, owners: waiver.owners, until: waiver.until.toISOString() };
}
