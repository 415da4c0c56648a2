import { type Board, variable } from "./grafana.ts";
import type { Panel, Section } from "./panel.ts";
import { RATE } from "./queries.ts";

/** Gates answer some times an hour: what they did in an hour is shown, and in a day where a median needs more. */
const HOUR = "1h";
const DAY = "1d";

/** A series of the exporter, chosen by the dashboard's variable and perhaps by more. */
function own(name: string, more = ""): string {
  return `${name}{${['job=~"$exporter"', more].filter((part) => part !== "").join(", ")}}`;
}

/** A series of the gates of the clusters that are chosen. */
function gate(name: string, more = ""): string {
  return `${name}{${['cluster=~"$cluster"', more].filter((part) => part !== "").join(", ")}}`;
}

function rise(counter: string, by: string, range = HOUR): string {
  return `sum by (${by}) (increase(${own(counter)}[${range}]))`;
}

function median(histogram: string): string {
  return `histogram_quantile(0.5, sum by (le) (increase(${own(`${histogram}_bucket`)}[${DAY}])))`;
}

const ACTIVE = own("mc_kpi_repositories", 'state=~"adopted|not-adopted|unknown"');
const ADOPTED = own("mc_kpi_repositories", 'state="adopted"');
const UNKNOWN = own("mc_kpi_repositories", 'state="unknown"');
const JUDGED = own("mc_kpi_evaluations_total", 'outcome=~"passed|failed"');
const FAILED = own("mc_kpi_evaluations_total", 'outcome="failed"');
const TO_GATE = { title: "MC Gate", uid: "mc-gate" };

const ROLLOUT: Section = {
  title: "Rollout",
  panels: [
    stat(
      "Adoption",
      "Active repositories whose gate answered within the window; unknown ones count as not.",
      "percentunit",
      [[`sum(${ADOPTED}) / sum(${ACTIVE})`, "adoption"]],
    ),
    stat(
      "Repositories",
      "Those that ran the workflow, of those that are active, and those that GitHub says nothing of.",
      "short",
      [
        [`sum(${ADOPTED})`, "adopted"],
        [`sum(${ACTIVE})`, "active"],
        [`sum(${UNKNOWN})`, "unknown"],
      ],
    ),
    stat(
      "Behind the newest release",
      "Adopted repositories that ran an older version of the workflow last.",
      "short",
      [[`sum(${own("mc_kpi_version_behind_repositories")})`, "behind"]],
    ),
    stat("Red branches", "Branches whose last answer is a failure.", "short", [
      [`sum(${own("mc_kpi_open_failures")})`, "open"],
    ]),
    stat(
      "Last poll",
      "How long ago the exporter read every repository. The alert begins at three hours.",
      "s",
      [[`time() - max(${own("mc_kpi_poll_timestamp_seconds")})`, "since the poll"]],
    ),
    stat("Counted since", "How long ago the counters of the exporter began at 0.", "s", [
      [`time() - min(${own("mc_kpi_since_timestamp_seconds")})`, "counted for"],
    ]),
    series("Repositories by state", "Adoption over time. Opted out ones have an owner and an end.", "short", [
      [`sum by (state) (${own("mc_kpi_repositories")})`, "{{state}}"],
    ]),
    table("Versions", "Adopted repositories by the release that they ran last.", "short", [
      [`sum by (version) (${own("mc_kpi_version_repositories")}) > 0`, "{{version}}"],
    ]),
    series(
      "The exporter",
      "Polls, webhooks, and answers that were forgotten, an hour. Forged: someone tries.",
      "short",
      [
        [rise("mc_kpi_polls_total", "outcome"), "poll {{outcome}}"],
        [rise("mc_kpi_webhooks_total", "outcome"), "webhook {{outcome}}"],
        [rise("mc_kpi_answers_forgotten_total", "job"), "forgotten"],
        [`count by (version) (${own("mc_kpi_build_info")})`, "version {{version}}"],
      ],
    ),
  ],
};

const GATES: Section = {
  title: "Gates in CI",
  panels: [
    series("Runs", "Answers of gates an hour by outcome.", "short", [
      [rise("mc_kpi_evaluations_total", "outcome"), "{{outcome}}"],
    ]),
    series(
      "Gate failures",
      "Share of answers in an hour that are failures. The alert begins at half.",
      "percentunit",
      [[`sum(increase(${FAILED}[${HOUR}])) / sum(increase(${JUDGED}[${HOUR}]))`, "failed"]],
    ),
    series("Top failing rules", "What gates failed for, an hour.", "short", [
      [`topk(10, ${rise("mc_kpi_failures_total", "rule")} > 0)`, "{{rule}}"],
    ]),
    series(
      "Median CI",
      "Median duration of the workflow over a day, by which pull requests wait for it.",
      "s",
      [[median("mc_kpi_duration_seconds"), "median"]],
    ),
    series("Time to green", "Median time over a day from a failure until another commit passed.", "s", [
      [median("mc_kpi_time_to_green_seconds"), "median"],
    ]),
    series(
      "Failures that ended",
      "Fixed by another commit, flaky (the same one passed), abandoned; a day.",
      "short",
      [[rise("mc_kpi_recoveries_total", "how", DAY), "{{how}}"]],
    ),
    table("Rules that were fixed", "How failures of each rule ended, in a day.", "short", [
      [`${rise("mc_kpi_rule_recoveries_total", "rule, how", DAY)} > 0`, "{{rule}} {{how}}"],
    ]),
  ],
};

const WAIVERS: Section = {
  title: "Waivers",
  panels: [
    stat("Next waiver ends in", "In the documents of repositories. The alert begins at 48 hours.", "s", [
      [`min(${own("mc_kpi_waiver_next_end_timestamp_seconds")}) - time()`, "ends in"],
    ]),
    series("Waivers in repositories", "Ending: within 48 hours. Expired: still in the file.", "short", [
      [`sum by (state) (${own("mc_kpi_waivers")})`, "{{state}}"],
    ]),
    series(
      "Waiver documents",
      "Unreadable: none of its waivers counts. Unknown: GitHub did not answer.",
      "short",
      [[`sum by (state) (${own("mc_kpi_waiver_documents")})`, "{{state}}"]],
    ),
    table(
      "Waivers of the gate by time left",
      "Below 0 the waiver has expired, and its images are refused.",
      "s",
      [[`sort(max by (waiver) (${gate("mc_gate_waiver_expiry_timestamp_seconds")}) - time())`, "time left"]],
    ),
  ],
};

/** The gate's own health at a glance. */
const HEALTH: Section = {
  title: "The gate",
  panels: [
    linked(
      stat("Replicas", "Replicas of gates that are scraped.", "short", [
        [`count(${gate("mc_gate_build_info")})`, "replicas"],
      ]),
    ),
    linked(
      stat("Enforcement off", "Switches in force: refusals are only warnings there.", "short", [
        [`sum(max by (scope) (${gate("mc_gate_switches")}))`, "switches"],
      ]),
    ),
    linked(
      stat(
        "Document problems",
        "Problems in the newest text of a document; an older one may be in force.",
        "short",
        [[`sum(max by (document) (${gate("mc_gate_document_problems")}))`, "problems"]],
      ),
    ),
    linked(
      series("Decisions", "Reviews answered per second by outcome and mode.", "reqps", [
        [
          `sum by (mode, decision) (rate(${gate("mc_gate_admission_requests_total")}[${RATE}]))`,
          "{{mode}} {{decision}}",
        ],
      ]),
    ),
    linked(
      series("Time to answer", "From a review's first bytes to its answer.", "s", [
        [
          `histogram_quantile(0.99, sum by (le) (rate(${gate("mc_gate_admission_duration_seconds_bucket")}[${RATE}])))`,
          "p99",
        ],
      ]),
    ),
  ],
};

/** How far the rollout is, and whether the gate is well. */
export const OVERVIEW_BOARD: Board = {
  uid: "mc-overview",
  title: "MC overview",
  description: "How far the rollout of MC is: adoption, gates in CI, waivers, and the gate's own health.",
  tags: ["mc-gate", "rollout"],
  variables: [
    variable("exporter", "Exporter", "label_values(mc_kpi_build_info, job)"),
    variable("cluster", "Clusters of the gate", "label_values(mc_gate_build_info, cluster)"),
  ],
  sections: [ROLLOUT, GATES, WAIVERS, HEALTH],
  links: [TO_GATE],
};

type Lines = readonly (readonly [expr: string, legend: string])[];

function stat(title: string, description: string, unit: string, lines: Lines): Panel {
  return panel({ title, description, unit, type: "stat" }, lines);
}

function series(title: string, description: string, unit: string, lines: Lines): Panel {
  return panel({ title, description, unit, type: "timeseries" }, lines);
}

function table(title: string, description: string, unit: string, lines: Lines): Panel {
  return panel({ title, description, unit, type: "table" }, lines);
}

function panel(head: Omit<Panel, "queries">, lines: Lines): Panel {
  return { ...head, queries: lines.map(([expr, legend]) => ({ expr, legend })) };
}

function linked(panelOf: Panel): Panel {
  return { ...panelOf, link: TO_GATE };
}
