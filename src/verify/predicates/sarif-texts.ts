import type { JsonObject } from "../json.ts";
import { at, textOf } from "./fields.ts";
import { packageNames } from "./package-url.ts";

const MAX_TEXT = 4096;
const MAX_NAME = 256;
/** `Severity: HIGH` (Trivy, Grype), `Fixed version  : 1.2` (Docker Scout). */
const LABELLED = /^[ \t]*(severity|package|fix(?:ed)? version)[ \t]*:[ \t]*(.*)$/gim;
/** The first line of Trivy's and Grype's help. */
const NAMED = /^Vulnerability (\S{1,128})$/m;
/** Sentences that hold a severity, by producer. */
const SENTENCES = [
  /^\S{1,256} (\w{1,16}) vulnerability for /, // Grype, shortDescription
  /^An? (\w{1,16}) vulnerability in /, // Grype, message
  /^(\w{1,16}) severity - /, // Snyk, shortDescription
  / with an? (\w{1,16}) severity vulnerability/, // Snyk, message
];

/** What the texts of a result or a rule say. */
export interface Texts {
  /** Values by label: `severity`, `package`, `fix version` (also for "fixed version"). Empty where a label has no value. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** Words for the severity in sentences. */
  readonly severities: readonly string[];
  /** The vulnerability that the texts name as their subject. */
  readonly vulnerability: string | undefined;
}

/** One result of a SARIF log, with its rule. */
export interface Finding {
  readonly result: JsonObject;
  readonly rule: JsonObject | undefined;
  /** The tool's name in lower case. */
  readonly tool: string;
  /** What the message of the result says. */
  readonly message: Texts;
  /** What the help and the descriptions of the rule say. */
  readonly about: Texts;
}

/** The message of a result; its first 4,096 characters. */
export function messageOf(result: JsonObject): Texts {
  return textsIn([at(result, "message", "text")]);
}

/** The help and the descriptions of a rule; the first 4,096 characters of each. */
export function descriptionOf(rule: JsonObject | undefined): Texts {
  return textsIn(["help", "shortDescription", "fullDescription"].map((each) => at(rule, each, "text")));
}

/** The values of a label, those in the message where it has any, else those of the rule, which several results may share. */
export function labelled({ message, about }: Finding, label: string): readonly string[] {
  return message.labels.get(label) ?? about.labels.get(label) ?? [];
}

/**
 * The package that a result is about; undefined where none is named, or several are: then a statement about one of them says
 * nothing of the others.
 */
export function packageOf(finding: Finding): string | undefined {
  const { result, rule, tool } = finding;
  const purls: unknown = at(rule, "properties", "purls") ?? at(rule, "properties", "purl");
  const listed = [purls].flat().map((each) => packageNames(each)[0]);
  const written = labelled(finding, "package").map((each) =>
    each.startsWith("pkg:") ? packageNames(each)[0] : textOf(each, MAX_NAME),
  );
  const others = [
    ...(tool.startsWith("osv-scanner") ? [quotedPackage(result)] : []),
    ...(tool.startsWith("snyk") ? qualifiedNames(result) : []),
  ];
  const names = new Set([...listed, ...written, ...others].filter((each) => each !== undefined));
  return names.size === 1 ? textOf([...names][0], MAX_NAME) : undefined;
}

function textsIn(written: readonly unknown[]): Texts {
  const labels = new Map<string, string[]>();
  const severities: string[] = [];
  let vulnerability: string | undefined;
  for (const each of written) {
    if (typeof each !== "string") continue;
    const text = each.slice(0, MAX_TEXT);
    vulnerability ??= NAMED.exec(text)?.[1];
    severities.push(...SENTENCES.flatMap((sentence) => sentence.exec(text)?.[1] ?? []));
    for (const [, label, value] of text.matchAll(LABELLED)) {
      const key = label!.toLowerCase().replace("fixed", "fix");
      labels.set(key, [...(labels.get(key) ?? []), value!.trim()]);
    }
  }
  return { labels, severities, vulnerability };
}

/** osv-scanner: `Package 'lodash@4.17.20' is vulnerable to 'CVE-…'`. */
function quotedPackage(result: JsonObject): string | undefined {
  const text = textOf(at(result, "message", "text"), MAX_TEXT);
  return text === undefined ? undefined : /^Package '([^']{1,256})@[^@']*' is vulnerable/.exec(text)?.[1];
}

/** Snyk: the fully qualified names of a result's logical locations, `expat@2.2.5-r0`. */
function qualifiedNames(result: JsonObject): (string | undefined)[] {
  const places = listAt(result, "locations").flatMap((each) => listAt(each, "logicalLocations"));
  return places.map((each) => textOf(at(each, "fullyQualifiedName"), MAX_NAME)?.replace(/(?<=.)@[^@]*$/, ""));
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const list: unknown = at(value, key);
  return Array.isArray(list) ? list : [];
}
