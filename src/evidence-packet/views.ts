import { basename } from "node:path";

import { CONTROLS } from "./controls.ts";
import type { PacketContent } from "./export.ts";
import { packetJson } from "./manifest.ts";
import { summaryOf } from "./summary.ts";
import type { TimelineEvent } from "./tally.ts";

interface View {
  readonly path: string;
  readonly about: string;
  readonly text: string | Buffer;
}

/** Files that say what the lines come to, and those that were added. */
export function viewsOf(content: PacketContent): View[] {
  const { options, tally, documents, unknown } = content;
  const { codes, refused, images } = tally;
  return [
    json(
      "population.json",
      "what is in the packet, what is not, and what is not known",
      populationOf(content),
    ),
    json("images.json", "what was decided about each digest, dry runs left out", [...images.values()]),
    json("refused.json", "what was refused", { codes: Object.fromEntries(codes), refused }),
    json("documents.json", "versions of policy, waivers, revocations and switches", versionsOf(content)),
    json("exceptions.json", "waivers, switches and revocations: whose, until when, who approved", [
      ...documents.exceptions.values(),
    ]),
    json("timeline.json", "what happened when, in UTC", timelineOf(content)),
    json("unknown.json", "what could not be known", unknown),
    json("controls.json", "which file speaks to which practice of SSDF and SLSA", CONTROLS),
    ...(options.history === undefined
      ? []
      : [json("history.json", "commits of the folder that documents are kept in", options.history)]),
    ...[...documents.texts].map(([fact, text]) => ({
      path: textPath(content, fact),
      about: "the text of a document",
      text,
    })),
    ...options.attached.map(({ name, bytes }) => ({
      path: `attached/${name}`,
      about: "added by the one who exported, as it is",
      text: bytes,
    })),
    { path: "README.md", about: "the summary", text: summaryOf(content) },
  ];
}

function json(path: string, about: string, value: unknown): View {
  return { path, about, text: packetJson(value) };
}

function populationOf({ options, tally, report, breaks }: PacketContent): object {
  const { counts, out, dryRuns, guarded, syncs, days, omitted } = tally;
  return {
    in: { decisions: counts, dryRuns, changesOfDocuments: guarded, syncs },
    out: { ...out, namespace: options.namespace ?? null },
    days: Object.fromEntries([...days].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    chains: report.chains,
    problems: report.problems.map(({ file, ...rest }) => ({ file: basename(file), ...rest })),
    problemCount: report.problemCount,
    breaks: breaks ?? null,
    notListed: omitted,
  };
}

function versionsOf({ tally, documents }: PacketContent): object[] {
  return tally.documents().map(({ firstTime, lastTime, fact, ...version }) => ({
    ...version,
    firstSeen: new Date(firstTime).toISOString(),
    lastSeen: new Date(lastTime).toISOString(),
    text: documents.texts.has(fact) ? pathOf(version) : null,
  }));
}

function textPath({ tally }: PacketContent, fact: string): string {
  return pathOf(tally.documents().find((each) => each.fact === fact)!);
}

function pathOf({ document, digest }: { readonly document: string; readonly digest: string }): string {
  return `documents/${document}-${digest.replace(/^sha\d+:/, "").slice(0, 16)}.yaml`;
}

function timelineOf({ options, tally }: PacketContent): TimelineEvent[] {
  const commits = (options.history?.commits ?? []).map(({ at, id, author, subject }) => ({
    at,
    what: "commit",
    detail: `${id.slice(0, 12)} by ${author}: ${subject}`,
  }));
  return [...tally.events, ...commits].toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
