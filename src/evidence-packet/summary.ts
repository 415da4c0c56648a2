import { formatInstant } from "../core/index.ts";
import { markdownText as md } from "../report/index.ts";
import type { PacketContent } from "./export.ts";

const MAX_ROWS = 50;

/** The packet in one Markdown page. */
export function summaryOf(content: PacketContent): string {
  const { tally, unknown } = content;
  const versions = tally
    .documents()
    .map(({ document, digest, acceptedAt }) => [document, digest, acceptedAt]);
  const parts = [
    ...headOf(content),
    "## What was deployed",
    "",
    ...table(["Image", "first", "last"], deployed(content)),
    "## Exceptions",
    "",
    ...table(["Exception", "What", "Whose", "Until", "Approved by", "Used"], exceptionsOf(content)),
    "## Policy",
    "",
    ...table(["Document", "Digest", "In force since"], versions),
    "## What was refused",
    "",
    ...table(
      ["Reason", "Decisions"],
      [...tally.codes].map(([code, count]) => [code, String(count)]),
    ),
    "## What could not be known",
    "",
    ...unknown.map((each) => `- ${md(each)}`),
  ];
  return `${parts.join("\n")}\n`;
}

function headOf({ options: { since, until, namespace }, tally }: PacketContent): string[] {
  const { verified, unverified } = tally.counts;
  const where = namespace === undefined ? "" : `, namespace ${md(namespace)}`;
  const row = (who: string, { allow, warn, deny }: typeof verified): string =>
    `| ${who} | ${allow} | ${warn} | ${deny} |`;
  return [
    "# Evidence packet",
    "",
    `Decisions from ${formatInstant(since)} to ${formatInstant(until)} (UTC)${where}. Open \`packet.html\`, or check all files: \`mc evidence verify DIR\`.`,
    "",
    "| Decisions | allowed | with warnings | refused |",
    "| --- | ---: | ---: | ---: |",
    row("callers that proved to be the API server", verified),
    row("other callers", unverified),
    "",
    `Not in the packet: ${tally.out.otherTimes} decisions of other times, ${tally.out.otherNamespaces} of other namespaces.`,
    "",
  ];
}

/** What was admitted, by callers that proved to be the API server. */
function deployed({ tally }: PacketContent): string[][] {
  return [...tally.images.values()]
    .filter(({ verified: { allow, warn } }) => allow + warn > 0)
    .map(({ image, digest, first, last }) => [image || digest, first, last]);
}

function exceptionsOf({ documents }: PacketContent): string[][] {
  return [...documents.exceptions.values()]
    .filter(({ kind }) => kind !== "revocation")
    .map(({ kind, id, what, by, until, approvedBy, used }) => [
      `${kind} ${id}`,
      what,
      by.join(", "),
      until,
      approvedBy.join(", ") || "no one",
      String(used),
    ]);
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return ["None.", ""];
  const more = rows.length - MAX_ROWS;
  return [
    line(titles),
    `|${" --- |".repeat(titles.length)}`,
    ...rows.slice(0, MAX_ROWS).map(line),
    "",
    ...(more > 0 ? [`${more} more are in the packet's files.`, ""] : []),
  ];
}

function line(cells: readonly string[]): string {
  return `| ${cells.map(md).join(" | ")} |`;
}
