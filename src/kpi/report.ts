import { formatDuration, formatInstant } from "../core/index.ts";
import { markdownText, renderPage } from "../report/index.ts";
import { stateOf } from "../waivers/index.ts";
import type { Found } from "./facts.ts";
import type { Kpis, Spread } from "./kpis.ts";

const MAX_LISTED = 500;

/** A table of the report. */
interface Section {
  readonly title: string;
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The figures as a JSON value, with every repository. */
export function kpiJson(kpis: Kpis, found: Found): Record<string, unknown> {
  const { at, windowMs, ...figures } = kpis;
  return {
    at: formatInstant(new Date(at)),
    windowSeconds: windowMs / 1000,
    ...figures,
    repositoriesByName: found.repositories,
    waiverDocuments: found.documents,
    releases: found.releases ?? null,
  };
}

/** The figures as Markdown. Names of repositories and waivers are text, whatever they hold. */
export function kpiMarkdown(kpis: Kpis, found: Found): string {
  const cell = markdownText;
  const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  const parts = sectionsOf(kpis, found).map(({ title, titles, rows }) =>
    [`## ${title}`, "", row(titles), `|${titles.map(() => " --- |").join("")}`, ...rows.map(row)].join("\n"),
  );
  return [`# Figures of the rollout`, spanOf(kpis), ...parts].join("\n\n") + "\n";
}

const BODY = `<header><h1>Figures of the rollout</h1><p id="span" class="dim">Without JavaScript this page shows nothing: its figures are in it as text.</p></header>
<main id="main"></main>`;
const SCRIPT = `
const bytes = Uint8Array.from(atob(document.getElementById("data").textContent), (each) => each.charCodeAt(0));
const { span, sections } = JSON.parse(new TextDecoder().decode(bytes));
document.getElementById("span").textContent = span;
for (const { title, titles, rows } of sections)
  document.getElementById("main").append(page.el("h2", {}, title), page.table(titles, rows));`;

/** The figures as a page. */
export function kpiHtml(kpis: Kpis, found: Found): string {
  const { before, after } = renderPage({ title: "Figures of the rollout", body: BODY, script: SCRIPT });
  const data = JSON.stringify({ span: spanOf(kpis), sections: sectionsOf(kpis, found) });
  return `${before}<script type="text/plain" id="data">${Buffer.from(data).toString("base64")}</script>\n${after}`;
}

function spanOf({ at, windowMs }: Kpis): string {
  const [from, to] = [new Date(at - windowMs), new Date(at)].map(formatInstant);
  return `Answers of gates from ${from} to ${to}.`;
}

function sectionsOf(kpis: Kpis, found: Found): Section[] {
  return [
    adoptionSection(kpis),
    gateSection(kpis),
    ruleSection(kpis),
    versionSection(kpis),
    ...waiverSections(kpis, found),
    leftSection(found),
  ];
}

function adoptionSection({ adoption, repositories }: Kpis): Section {
  const { adopted, active, unknown, share, atMost } = adoption;
  return {
    title: "Adoption",
    titles: ["Figure", "Value"],
    rows: [
      ["Active repositories that ran the workflow", `${adopted} of ${active}: ${percent(share)}`],
      [
        "Unknown, and counted as not having run it",
        `${unknown}; at most ${percent(atMost)} if all of them did`,
      ],
      ["Not adopted", String(repositories["not-adopted"])],
      ["Opted out, with an owner and an end", String(repositories["opted-out"])],
      ["Inactive", String(repositories.inactive)],
      ["Excluded: archived, disabled, fork, template, mirror, empty", String(repositories.excluded)],
    ],
  };
}

function gateSection({ evaluations, recoveries, open, timeToGreen, duration }: Kpis): Section {
  return {
    title: "Gates",
    titles: ["Figure", "Value"],
    rows: [
      ["Passed", String(evaluations.passed)],
      ["Failed", String(evaluations.failed)],
      [
        "Cancelled, or without an answer that can be read",
        `${evaluations.cancelled}, ${evaluations.unknown}`,
      ],
      ["Failures that were fixed", String(recoveries.fixed)],
      ["Flaky: the same commit passed later", String(recoveries.flaky)],
      ["Abandoned: no answer for 14 days", String(recoveries.abandoned)],
      ["Open: the last answer is a failure", String(open)],
      ["Median time to green", spread(timeToGreen, "fixed failures")],
      ["Median duration of the workflow in CI", spread(duration, "gates")],
    ],
  };
}

function ruleSection({ failures, recoveriesByRule }: Kpis): Section {
  const rows = Object.entries(failures) as [keyof Kpis["failures"], number][];
  return {
    title: "Failures by rule",
    titles: ["Rule", "Failed gates", "Fixed", "Flaky", "Abandoned"],
    rows: rows
      .toSorted(([, a], [, b]) => b - a)
      .map(([rule, count]) => {
        const { fixed, flaky, abandoned } = recoveriesByRule[rule];
        return [rule, ...[count, fixed, flaky, abandoned].map(String)];
      }),
  };
}

function versionSection({ versions }: Kpis): Section {
  const rows = versions?.filter(({ repositories, isNewest }) => repositories > 0 || isNewest);
  return {
    title: "Versions",
    titles: ["Version", "Adopted repositories"],
    rows: rows?.map(({ version, repositories, isNewest }) => [
      isNewest ? `${version} (newest)` : version,
      String(repositories),
    ]) ?? [["unknown: releases could not be read", ""]],
  };
}

function waiverSections({ at, waivers, documents }: Kpis, found: Found): Section[] {
  const now = new Date(at);
  const soon = found.documents.flatMap(({ name, waivers: own }) =>
    own
      .map((waiver) => ({ ...waiver, name, state: stateOf(waiver, now) }))
      .filter(({ state }) => state === "ending" || state === "expired"),
  );
  return [
    {
      title: "Waivers",
      titles: ["Figure", "Value"],
      rows: [
        ...Object.entries(waivers).map(([state, count]) => [`Waivers: ${state}`, String(count)]),
        ...Object.entries(documents).map(([state, count]) => [`Documents: ${state}`, String(count)]),
      ],
    },
    {
      title: "Waivers that end within 48 hours, or have ended",
      titles: ["Repository", "Waiver", "Owners", "State", "End"],
      rows: listed(
        soon
          .toSorted((a, b) => a.until.getTime() - b.until.getTime())
          .map(({ name, id, owners, state, until }) => [
            name,
            id,
            owners.join(", "),
            state,
            formatInstant(until),
          ]),
      ),
    },
  ];
}

function leftSection({ repositories }: Found): Section {
  const left = repositories.filter(({ state }) => state === "not-adopted" || state === "unknown");
  return {
    title: "Repositories that are left",
    titles: ["Repository", "State", "Why"],
    rows: listed(left.map(({ name, state, why = "" }) => [name, state, why])),
  };
}

function listed(rows: readonly (readonly string[])[]): (readonly string[])[] {
  const more = rows.length - MAX_LISTED;
  if (more <= 0) return [...rows];
  return [...rows.slice(0, MAX_LISTED), [`and ${more} more, which the JSON report has`]];
}

function percent(share: number | undefined): string {
  return share === undefined ? "no repository is active" : `${(share * 100).toFixed(1)} %`;
}

function spread({ count, median }: Spread, of: string): string {
  return median === undefined ? "none yet" : `${formatDuration(median * 1000)} of ${count} ${of}`;
}
