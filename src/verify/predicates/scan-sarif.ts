import { parseInstant, type Vulnerability } from "../../core/index.ts";
import { type JsonObject, isObject } from "../json.ts";
import { Rejected } from "../rejected.ts";
import { at, needList, needObject, textOf } from "./fields.ts";
import { severityIn } from "./sarif-severity.ts";
import { descriptionOf, type Finding, labelled, messageOf, packageOf, type Texts } from "./sarif-texts.ts";
import type { Report } from "./scan.ts";
import { MAX_LISTED, vulnerabilityOf } from "./vulnerability.ts";

const MAX_RUNS = 64;
const MAX_EXTENSIONS = 64;
const MAX_NAME = 256;
const MAX_ALIASES = 16;
const CVE = /\bCVE-\d{4}-\d{4,19}\b/g;
/** Grype's rule ids end in the package: `CVE-2026-1234-openssl`. */
const RULE_ID = /^(CVE-\d{4}-\d{4,19}|GHSA(?:-[0-9a-z]{4}){3})-./;
/** What Trivy looks for in addition to vulnerabilities, by the first tag of its rules. */
const OTHER_SUBJECTS: readonly unknown[] = ["secret", "misconfiguration", "license"];

/** The rules of one run: by id, and by component and place. */
interface Rules {
  readonly byId: ReadonlyMap<string, JsonObject>;
  /** The driver's rules, then those of each extension. */
  readonly lists: readonly (readonly unknown[])[];
}

/**
 * A SARIF 2.1.0 log as Trivy, Grype, Docker Scout, Snyk and osv-scanner write it. Throws Rejected, also for a run that
 * failed, has no results or keeps them in another file.
 * Source: docs.oasis-open.org/sarif/sarif/v2.1.0, sections 3.14 to 3.27, 3.35 and 3.52.
 */
export function readSarif(log: JsonObject): Report {
  const runs = needList(log["runs"], MAX_RUNS, "runs").map((each) => needObject(each, "a run"));
  if (runs.length === 0) throw new Rejected("malformed", "it contains no run: nothing was scanned");
  return {
    tool: toolOf(runs),
    finishedAt: endOf(runs),
    vulnerabilities: runs.flatMap(readRun),
  };
}

/** The names of all tools: a log of one of two scanners must not stand in for a log of both. */
function toolOf(runs: readonly JsonObject[]): string {
  const names = runs.map((run) => textOf(at(run, "tool", "driver", "name"), MAX_NAME) ?? "unnamed scanner");
  return [...new Set(names)].toSorted().join(" and ");
}

function readRun(run: JsonObject): Vulnerability[] {
  const invocations = needList(run["invocations"] ?? [], MAX_RUNS, "invocations");
  if (invocations.some((each) => at(each, "executionSuccessful") === false)) {
    throw new Rejected("malformed", "one of its runs says that it failed");
  }
  const elsewhere = at(run, "externalPropertyFileReferences", "results");
  if (Array.isArray(elsewhere) && elsewhere.length > 0) {
    throw new Rejected("unsupported", "one of its runs keeps its results in another file");
  }
  const tool = needObject(run["tool"], "a run's tool");
  const rules = rulesOf(tool);
  const name = textOf(at(tool, "driver", "name"), MAX_NAME)?.toLowerCase() ?? "";
  const described = new Map<JsonObject | undefined, Texts>(); // many results share one rule
  return needList(run["results"], MAX_LISTED, "results of a run")
    .map((each) => needObject(each, "a result"))
    .map((result): Finding => {
      const rule = ruleOf(result, rules);
      const about = described.get(rule) ?? descriptionOf(rule);
      described.set(rule, about);
      return { result, rule, tool: name, message: messageOf(result), about };
    })
    .filter(isVulnerability)
    .map(readFinding);
}

function rulesOf(tool: JsonObject): Rules {
  const extensions = needList(tool["extensions"] ?? [], MAX_EXTENSIONS, "extensions");
  const lists = [tool["driver"], ...extensions].map((each) =>
    needList(at(each, "rules") ?? [], MAX_LISTED, "rules"),
  );
  const named = lists.flat().filter(isObject);
  return { byId: new Map(named.map((rule) => [String(rule["id"]), rule])), lists };
}

/** By its id, else by its place: an id may be left out where an index is there, and old versions of Grype write index 0 always. */
function ruleOf(result: JsonObject, { byId, lists }: Rules): JsonObject | undefined {
  const id = result["ruleId"] ?? at(result, "rule", "id");
  if (typeof id === "string") return byId.get(id) ?? byId.get(id.slice(0, Math.max(0, id.lastIndexOf("/"))));
  const place = result["ruleIndex"] ?? at(result, "rule", "index");
  const component = at(result, "rule", "toolComponent", "index");
  const list = lists[typeof component === "number" ? component + 1 : 0];
  const rule = typeof place === "number" ? list?.[place] : undefined;
  return isObject(rule) ? rule : undefined;
}

/**
 * Whether a result says that the image has a vulnerability. Not one are: results of kind `pass` and `notApplicable`
 * (3.27.9), results that only an older run had (3.27.24), results whose suppressions are all accepted, and what Trivy
 * finds in addition to vulnerabilities. A suppression without a status counts as not accepted, although 3.35.3 lets it
 * default: old versions of Grype write one into every result.
 */
function isVulnerability({ result, rule, tool }: Finding): boolean {
  if (result["kind"] === "pass" || result["kind"] === "notApplicable") return false;
  if (result["baselineState"] === "absent") return false;
  const suppressions: unknown = result["suppressions"];
  if (Array.isArray(suppressions) && suppressions.length > 0) {
    if (suppressions.every((each) => at(each, "status") === "accepted")) return false;
  }
  const tags: unknown = at(rule, "properties", "tags");
  return !(tool === "trivy" && Array.isArray(tags) && OTHER_SUBJECTS.includes(tags[0]));
}

function readFinding(finding: Finding): Vulnerability {
  const { result, rule } = finding;
  const name = packageOf(finding);
  const written = result["ruleId"] ?? at(result, "rule", "id") ?? at(rule, "id");
  const id = idOf(written, finding, name);
  return vulnerabilityOf({
    id,
    aliases: aliasesOf(id, finding),
    severity: severityIn(finding),
    ...fixOf(finding),
    package: name ?? suffixOf(written, id),
  });
}

/** Without the package that Grype appends, by the id in the rule's own help, by the package, or by the shape of the id. */
function idOf(written: unknown, finding: Finding, name: string | undefined): unknown {
  if (typeof written !== "string") return written;
  const named = finding.message.vulnerability ?? finding.about.vulnerability;
  if (named !== undefined && written.includes(named)) return named;
  if (name !== undefined && written.endsWith(`-${name}`)) return written.slice(0, -name.length - 1);
  return RULE_ID.exec(written)?.[1] ?? written;
}

function suffixOf(written: unknown, id: unknown): string | undefined {
  if (typeof written !== "string" || typeof id !== "string" || !written.startsWith(`${id}-`))
    return undefined;
  return textOf(written.slice(id.length + 1), MAX_NAME);
}

/** Other names of exactly this vulnerability: osv-scanner's group of aliases, and the one CVE that Snyk's description begins with. */
function aliasesOf(id: unknown, { rule, tool }: Finding): string[] | undefined {
  const names: string[] = [];
  if (tool.startsWith("osv-scanner")) {
    const group: unknown = at(rule, "deprecatedIds") ?? at(rule, "properties", "deprecatedIds");
    if (Array.isArray(group)) names.push(...group.filter((each) => typeof each === "string"));
  }
  if (tool.startsWith("snyk")) {
    const about = at(rule, "fullDescription", "text");
    const listed = typeof about === "string" ? /^\(([^)]{1,1000})\)/.exec(about)?.[1] : undefined;
    names.push(...(listed?.match(CVE) ?? []));
  }
  const others = [...new Set(names)]
    .filter((each) => each !== id && each.length <= 128)
    .slice(0, MAX_ALIASES);
  return others.length === 0 ? undefined : others;
}

/** Which versions have a fix. A label without a value says that the scanner knows none; no label says nothing. */
function fixOf(finding: Finding): Pick<Vulnerability, "fix"> & { readonly fixedVersion?: string } {
  const property = at(finding.rule, "properties", "fixed_version");
  const declared = typeof property === "string" ? [property] : labelled(finding, "fix version");
  if (declared.length === 0) return { fix: "unknown" };
  const versions = declared.filter((each) => each !== "" && each !== "not fixed");
  return versions.length === 0 ? { fix: "none" } : { fix: "available", fixedVersion: versions.join(", ") };
}

/** The earliest end that a run states; undefined where none states one that can be read. */
function endOf(runs: readonly JsonObject[]): string | undefined {
  const ends = runs.flatMap(({ invocations }) =>
    Array.isArray(invocations) ? invocations.map((each) => at(each, "endTimeUtc")) : [],
  );
  const texts = ends.filter((each) => typeof each === "string");
  const unread = texts.find((each) => parseInstant(each) === undefined);
  return unread ?? texts.toSorted((a, b) => parseInstant(a)!.getTime() - parseInstant(b)!.getTime())[0];
}
