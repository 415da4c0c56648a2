import type { PacketContent } from "./export.ts";
import { omission } from "./tally.ts";

type Known = Omit<PacketContent, "unknown" | "breaks">;

/** What the packet cannot say, one sentence each: unknown is never good. */
export function unknowns(content: Known): string[] {
  return [...ofRecord(content), ...ofDecisions(content), ...ofSources(content)];
}

function ofRecord({ report, tally, options }: Known): string[] {
  const { chains, problems, problemCount } = report;
  const begun = chains.filter(({ first }) => first > 1);
  const more = problemCount - problems.length;
  return [
    ...(tally.written === 0
      ? ["the record has nothing of this time: nothing was decided, or it is another record"]
      : []),
    ...problems.map(({ message, rule }) => `the record is not whole: ${message} (${rule})`),
    ...(more > 0 ? [`the record is not whole in ${more} more places`] : []),
    ...begun.map(
      ({ chain, first }) =>
        `lines 1 to ${first - 1} of chain ${chain}: they are not in the files that were read`,
    ),
    `replicas whose files were not given: the record does not say how many there were; ${chains.length} chains were read`,
    "whether lines follow the last one of each chain: compare population.json with a copy of the hashes elsewhere",
    ...(options.namespace === undefined
      ? []
      : [
          "whether lines of the packet are missing: it holds one namespace, so its chains have gaps; the exported record was checked",
        ]),
  ];
}

function ofDecisions({ tally }: Known): string[] {
  const { reasons, lacking, omitted, counts } = tally;
  const unverified = Object.values(counts.unverified).reduce((sum, each) => sum + each, 0);
  return [
    ...(unverified > 0
      ? [
          `who asked for ${unverified} decisions: their callers did not prove to be the API server; they are counted apart`,
        ]
      : []),
    ...[...reasons].map(([why, count]) => `whether ${count} decisions would be made again: ${why}`),
    ...(lacking > 0 ? [`${lacking} facts that decisions rest on: no file of the record holds them`] : []),
    ...omission(omitted),
    "what was never asked of the gate: namespaces in mode off or outside its webhooks, static pods, and pods from before it",
    "what runs now, and whether it is what was decided about: the record says what was admitted",
  ];
}

function ofSources({ options, documents }: Known): string[] {
  const { history, attached } = options;
  return [
    ...documents.unknown,
    ...(history === undefined
      ? ["who changed documents before they came into force: no git folder was named (--git)"]
      : []),
    ...(history?.isCut === true ? ["older commits of the git folder: the newest are listed"] : []),
    ...(attached.length === 0
      ? ["results of policy tests, key figures and pictures of dashboards: none were attached (--attach)"]
      : []),
  ];
}
