import { basename } from "node:path";

import type { Adopted, Together } from "./check.ts";

/** Whether nothing is wrong, and something was changed that an API server accepts. */
export function isGood(each: readonly Adopted[], { rendered }: Together): boolean {
  const isKept = rendered.every(({ accepted: [before, after] }) => before === after);
  const isTried = each.some(({ isChanged, accepted }) => isChanged && accepted[1] > 0);
  return isTried && isKept && each.every(({ wrong }) => wrong.length === 0);
}

/** The tables, in Markdown. */
export function linesOf(folder: string, each: readonly Adopted[], together: Together): string[] {
  const name = basename(folder);
  return [...counts(each, together), "", ...eachFile(name, each), "", ...eachRendering(name, together)];
}

function counts(each: readonly Adopted[], together: Together): string[] {
  const changed = each.filter(({ isChanged }) => isChanged);
  const wasAccepted = changed.filter(({ accepted }) => accepted[0] > 0);
  const rows = [
    ["files with objects of Argo CD", each.length],
    ["changed, each by itself", changed.length],
    ["of these accepted by the API server before", wasAccepted.length],
    ["of these accepted after", wasAccepted.filter(({ accepted }) => accepted[0] === accepted[1]).length],
    [
      "anything wrong: meaning, comments, ends of lines, acceptance, second run",
      each.filter(({ wrong }) => wrong.length > 0).length,
    ],
    ["Applications and ApplicationSets, read together", together.listed],
    ["files changed, read together", together.changed],
    [
      "kustomizations; those that render Applications",
      `${together.kustomizations}; ${together.rendered.length}`,
    ],
  ];
  return ["| Count | |", "| --- | --- |", ...rows.map(([name, count]) => `| ${name} | ${count} |`)];
}

function eachFile(name: string, each: readonly Adopted[]): string[] {
  const rows = each.map(({ file, listed, isChanged, accepted: [before, after], why, wrong }) => {
    const outcome =
      wrong.length > 0 ? `WRONG: ${wrong.join(", ")}` : isChanged ? "changed" : `as it was: ${why}`;
    return `| \`${name}/${file}\` | ${listed} | ${before} → ${after} | ${cell(outcome)} |`;
  });
  return ["| File | Listed | Accepted | |", "| --- | --- | --- | --- |", ...rows];
}

function eachRendering(name: string, { rendered }: Together): string[] {
  const rows = rendered.map(
    ({ folder, accepted: [before, after] }) => `| \`${name}/${folder}\` | ${before} → ${after} |`,
  );
  return ["| Kustomization | Accepted |", "| --- | --- |", ...rows];
}

function cell(text: string): string {
  return text.replaceAll(/\/\S*\//g, "").replaceAll("|", "\\|");
}
