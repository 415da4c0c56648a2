import { createHash } from "node:crypto";

import { FAULTS, FINDINGS } from "../core/index.ts";
import { code, fenced } from "./plain.ts";
import { type Component, isKnownCode, type Reports } from "./reports.ts";
import { type Conclusion, conclusionOf, type Verdict } from "./verdict.ts";

/** How the text of a comment begins; a fingerprint of what it says follows. */
export const MARKER = "<!-- mc-gate:pr-comment ";

/** Characters of a comment, below the 65,536 that GitHub takes. */
const MAX_COMMENT = 60_000;
/** Characters of a job's summary, below the mebibyte that GitHub takes. */
const MAX_SUMMARY = 250_000;
/** Components that are listed of a difference. */
const MAX_COMPONENTS = 50;
const GUIDE = "https://github.com/mc-gate/mc-gate/blob/main/docs/guides/application-team.md";

/** What GitHub says of the run. */
export interface CommentRun {
  readonly url: string;
  /** `success`, `failure`, …; undefined while it runs. */
  readonly conclusion: string | undefined;
}

/** What is shown of a run. */
export interface Comment {
  readonly verdict: Verdict;
  /** The text of the comment, marker included. */
  readonly body: string;
  /** The whole text, for the job's summary. */
  readonly whole: string;
  /** Whether it says anything beyond that all is well. */
  readonly isWorthSaying: boolean;
}

interface Section {
  readonly title: string;
  readonly lines: readonly string[];
  /** Lines around `lines`, such as those that fold them. */
  readonly around?: readonly [before: readonly string[], after: readonly string[]];
}

/** The one comment on a pull request. The same reports and conclusion give the same text but for the run's address. */
export function commentOf(reports: Reports, run: CommentRun): Comment {
  const conclusion = conclusionOf(reports, run.conclusion);
  const sections = sectionsOf(reports, conclusion);
  const head = [`### MC Gate: ${conclusion.verdict}`, "", conclusion.sentence];
  const links = `[The run, its summary, and the reports as JSON](${run.url})`;
  const whole = bounded(head, sections, MAX_SUMMARY);
  const text = bounded(head, sections, MAX_COMMENT);
  const mark = createHash("sha256").update(whole).digest("hex").slice(0, 32);
  return {
    verdict: conclusion.verdict,
    body: `${MARKER}${mark} -->\n${text}\n\n${links}`,
    whole: `${whole}\n\n${links}\n`,
    isWorthSaying: conclusion.verdict !== "passed" || sections.length > 0,
  };
}

/** The fingerprint in a comment of ours; undefined where it is none. */
export function fingerprintOf(body: string): string | undefined {
  return body.startsWith(MARKER) ? /^[0-9a-f]{32} -->/.exec(body.slice(MARKER.length))?.[0] : undefined;
}

function sectionsOf(reports: Reports, { isBlocking }: Conclusion): Section[] {
  const all = [
    blocksOf(reports, isBlocking),
    unreadOf(reports),
    ...sbomsOf(reports),
    evidenceOf(reports),
    waiversOf(reports),
    ...textsOf(reports),
  ];
  return all.filter((each) => each !== undefined);
}

function blocksOf({ scans, verified }: Reports, isBlocking: boolean): Section | undefined {
  const found = [
    ...scans.flatMap(({ service, issues }) => issues.map((each) => ({ at: service, ...each }))),
    ...verified.flatMap(({ results }) =>
      results.flatMap(({ image, objections }) => objections.map((each) => ({ at: image, ...each }))),
    ),
  ];
  if (found.length === 0) return undefined;
  const codes = [...new Set(found.map((each) => each.code))].filter(isKnownCode);
  const fixes = [...new Set(codes.map((each) => ({ ...FINDINGS, ...FAULTS })[each].fix))];
  return {
    title: isBlocking ? "What blocks" : "What would block in production",
    lines: [
      ...fixes.map((fix) => `Do: ${fix}`),
      `If you cannot fix it today, [ask for a waiver](${GUIDE}).`,
      "",
      ...found.map(({ at, code: id, message }) => `- ${code(at)}: ${code(message)} (${code(id)})`),
    ],
  };
}

function unreadOf({ unread }: Reports): Section | undefined {
  if (unread.length === 0) return undefined;
  const lines = unread.map(({ service, file, why }) => `- ${code(service)}, ${code(file)}: ${code(why)}`);
  return { title: "What could not be read", lines };
}

function sbomsOf({ scans }: Reports): (Section | undefined)[] {
  return scans.map(({ service, sbom }) => {
    if (sbom === null || sbom.added.length + sbom.removed.length === 0) return undefined;
    const { added, removed } = sbom;
    const title = `SBOM of ${code(service)}: ${added.length} added, ${removed.length} removed`;
    return { title, lines: [...componentLines("added", added), ...componentLines("removed", removed)] };
  });
}

function componentLines(what: string, components: readonly Component[]): string[] {
  const shown = components
    .slice(0, MAX_COMPONENTS)
    .map(({ name, version }) => `- ${what}: ${code(`${name} ${version}`)}`);
  const more = components.length - shown.length;
  return more > 0 ? [...shown, `- and ${more} more ${what}`] : shown;
}

function evidenceOf({ verified }: Reports): Section | undefined {
  const lines = verified.flatMap(({ results }) =>
    results.flatMap(({ image, evidence }) => evidence.map((each) => `- ${code(image)}: ${code(each)}`)),
  );
  return lines.length === 0 ? undefined : { title: "Signatures and provenance", lines };
}

function waiversOf({ verified }: Reports): Section | undefined {
  const lines = verified.flatMap(({ results }) =>
    results.flatMap(({ image, waived }) =>
      waived.map(
        (each) => `- ${code(each.id)} until ${code(each.until)}: ${code(each.code)} of ${code(image)}`,
      ),
    ),
  );
  return lines.length === 0 ? undefined : { title: "Waivers in use", lines };
}

function textsOf({ texts }: Reports): Section[] {
  return texts.map(({ service, title, text }) => {
    const { head, lines } = fenced(text);
    const summary = `<details><summary>${title}</summary>`;
    return {
      title: `${title}, ${code(service)}`,
      lines,
      around: [
        [summary, "", head],
        [head, "", "</details>"],
      ],
    };
  });
}

/** What does not fit is left out from the end, by whole lines, and counted. */
function bounded(head: readonly string[], sections: readonly Section[], most: number): string {
  const lines = [...head];
  let room = most - sizeOf(lines) - 200; // for the sentence that counts
  let missing = 0;
  for (const { title, lines: own, around: [before, after] = [[], []] } of sections) {
    const frame = ["", `**${title}**`, "", ...before];
    room -= sizeOf(frame) + sizeOf(after);
    const fitting = room < 0 ? 0 : fittingLines(own, room);
    missing += own.length - fitting;
    if (fitting === 0) continue;
    lines.push(...frame, ...own.slice(0, fitting), ...after);
    room -= sizeOf(own.slice(0, fitting));
  }
  if (missing > 0) lines.push("", `${missing} more lines do not fit; the run's summary has them.`);
  return lines.join("\n");
}

function fittingLines(lines: readonly string[], room: number): number {
  let size = 0;
  const at = lines.findIndex((line) => (size += line.length + 1) > room);
  return at < 0 ? lines.length : at;
}

function sizeOf(lines: readonly string[]): number {
  return lines.reduce((sum, { length }) => sum + length + 1, 0);
}
