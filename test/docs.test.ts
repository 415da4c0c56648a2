import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { ChartValues } from "../scripts/chart-values.ts";
import { buildProgram } from "../src/cli/program.ts";
import type { Parsed } from "../src/core/index.ts";
import { readDocument } from "../src/documents/index.ts";
import { parsePolicy } from "../src/policy/index.ts";
import { parseRevocations } from "../src/revocations/index.ts";
import { Settings } from "../src/serve/settings/settings.ts";
import { parseWaivers } from "../src/waivers/index.ts";

const PAPERS = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "charts/mc-gate/README.md"];
const PAGES = [...PAPERS, ...globSync("docs/**/*.md").toSorted()];
const HANDWRITTEN = PAGES.filter((page) => !page.startsWith("docs/reference/"));

interface Example {
  readonly where: string;
  readonly info: string;
  readonly text: string;
}

/** Fenced blocks, without the indentation that they have in a list. */
function examplesIn(page: string): Example[] {
  const matches = readFileSync(page, "utf8").matchAll(/^( *)```([^\n`]*)\n([\s\S]*?)^ *```$/gm);
  return [...matches].map(([, indent = "", info = "", text = ""], at) => ({
    where: `${page}, block ${at + 1}`,
    info: info.trim(),
    text: text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  }));
}

const EXAMPLES = HANDWRITTEN.flatMap(examplesIn);

/** Anchors as GitHub makes them of headings, those in examples left out. */
function anchorsOf(page: string): string[] {
  const prose = readFileSync(page, "utf8").replaceAll(/^ *```[\s\S]*?^ *```$/gm, "");
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^a-z0-9 _-]/g, "")
      .replaceAll(" ", "-"),
  );
}

function linksIn(page: string): string[] {
  const links = readFileSync(page, "utf8").matchAll(/\]\(([^)\s]+)\)/g);
  return [...links].map(([, target = ""]) => target).filter((link) => !/^https?:/.test(link));
}

function isDead(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : join(dirname(page), path);
  if (!existsSync(target)) return true;
  return anchor !== undefined && !anchorsOf(target).includes(anchor);
}

/** What tells a document without a name in its fence. */
const TOP_KEYS = {
  policy: "rules",
  waivers: "waivers",
  revocations: "revocations",
  settings: "server",
  values: "certificate",
} as const;
type Kind = keyof typeof TOP_KEYS;
const KINDS = Object.keys(TOP_KEYS) as Kind[];

const PROBLEMS: Readonly<Record<Kind, (text: string) => readonly unknown[]>> = {
  policy: (text) => problemsOf(parsePolicy(text)),
  waivers: (text) => {
    const parsed = parseWaivers(text);
    return parsed.ok ? parsed.value.problems : parsed.problems;
  },
  revocations: (text) => problemsOf(parseRevocations(text)),
  settings: (text) => problemsOf(readDocument(text, Settings)),
  values: (text) => {
    const usual: unknown = parse(readFileSync("charts/mc-gate/values.yaml", "utf8"));
    return ChartValues.safeParse(merged(usual, parse(text))).error?.issues ?? [];
  },
};

function problemsOf(parsed: Parsed<unknown>): readonly unknown[] {
  return parsed.ok ? [] : parsed.problems;
}

/** As Helm merges values: maps key by key, anything else as a whole. */
function merged(usual: unknown, own: unknown): unknown {
  if (!isMap(usual) || !isMap(own)) return own;
  const both = Object.entries(own).map(([key, value]) => [key, merged(usual[key], value)] as const);
  return { ...usual, ...Object.fromEntries(both) };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const YAML = EXAMPLES.filter(({ info }) => /^yaml\b/.test(info));

/** The kind of document that a block shows: as its fence says, else by its keys. */
function kindOf({ info, text }: Example): string | undefined {
  const named = info.split(" ")[1];
  const content: unknown = parse(text);
  return named ?? (isMap(content) ? KINDS.find((kind) => TOP_KEYS[kind] in content) : undefined);
}

const PROGRAM = buildProgram("0.0.0", () => Promise.resolve());

interface Call {
  readonly command: Command;
  readonly rest: readonly string[];
}

/** Which command a line means, and what it is given. */
function callOf(words: readonly string[], command: Command = PROGRAM): Call {
  const [first, ...rest] = words;
  const next = command.commands.find((each) => each.name() === first);
  return next === undefined ? { command, rest: words } : callOf(rest, next);
}

/** What is wrong with the words after `mc`; options that must be there are only asked for in whole examples. */
function complaint(call: string, isWhole: boolean): string | undefined {
  const words = call.split(/\s+/).filter((word) => word !== "");
  const { command, rest } = callOf(words);
  if (command.commands.length > 0) return `mc ${call}: no such command`;
  const given = rest.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split("=")[0]);
  const unknown = given.find(
    (word) => !command.options.some(({ short, long }) => word === short || word === long),
  );
  if (unknown !== undefined) return `mc ${call}: no option ${unknown}`;
  const absent = command.options.find(
    ({ mandatory, short, long }) => mandatory && !given.includes(short) && !given.includes(long),
  );
  return isWhole && absent !== undefined ? `mc ${call}: without ${absent.long}` : undefined;
}

/** Every call of `mc` in shell examples: quotes emptied, continued lines joined, comments and redirections left out. */
function callsIn({ text }: Example): string[] {
  const lines = text
    .replaceAll("\\\n", " ")
    .replaceAll(/"[^"]*"/g, '""')
    .split("\n");
  return lines.flatMap((line) => {
    const [, call] = /(?:^|\| )(?:npm run -s mc -- |mc )(.*)$/.exec(line.replace(/\s(?:#|>).*$/, "")) ?? [];
    return call ?? [];
  });
}

describe("the documentation", () => {
  it("has pages, links and examples", () => {
    expect(HANDWRITTEN.length).toBeGreaterThan(10);
    expect(HANDWRITTEN.flatMap(linksIn).length).toBeGreaterThan(40);
    expect(EXAMPLES.length).toBeGreaterThan(30);
  });

  it.each(PAGES)("has no dead link in %s", (page) => {
    expect(linksIn(page).filter((link) => isDead(page, link))).toEqual([]);
  });

  it("names files and folders of the project that exist", () => {
    const named = HANDWRITTEN.flatMap((page) =>
      [...readFileSync(page, "utf8").matchAll(/`((?:src|test|scripts|charts|docs|bench)\/[\w./-]+)`/g)].map(
        ([, path = ""]) => ({ page, path }),
      ),
    );
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter(({ path }) => !existsSync(path))).toEqual([]);
  });

  it("lists every guide, reference page and decision", () => {
    const index = readFileSync("docs/README.md", "utf8");
    const missing = PAGES.filter((page) => /^docs\/.+\//.test(page)).filter(
      (page) => !index.includes(`(${page.slice("docs/".length)})`),
    );
    expect(missing).toEqual([]);
  });

  it.each(KINDS)("shows only %s documents that parse", (kind) => {
    const shown = YAML.filter((each) => kindOf(each) === kind);
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.map(({ where, text }) => [where, PROBLEMS[kind](text)])).toEqual(
      shown.map(({ where }) => [where, []]),
    );
  });

  it("names in its fences only documents that are known", () => {
    const named = YAML.flatMap(({ info }) => info.split(" ")[1] ?? []);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((kind) => !KINDS.includes(kind as Kind))).toEqual([]);
  });

  it("calls commands with options that exist, and with those that must be there", () => {
    const calls = EXAMPLES.filter(({ info }) => info === "sh").flatMap(callsIn);
    expect(calls.length).toBeGreaterThan(12);
    expect(calls.flatMap((call) => complaint(call, true) ?? [])).toEqual([]);
  });

  it("names commands in its prose that exist", () => {
    const spans = HANDWRITTEN.flatMap((page) => [...readFileSync(page, "utf8").matchAll(/`mc ([^`\n…]+)`/g)]);
    expect(spans.length).toBeGreaterThan(5);
    expect(spans.flatMap(([, call = ""]) => complaint(call, false) ?? [])).toEqual([]);
  });

  it("names npm scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const named = HANDWRITTEN.flatMap((page) =>
      [...readFileSync(page, "utf8").matchAll(/npm run (?:-s )?([a-z][a-z:0-9]*)/g)].map(
        ([, name = ""]) => name,
      ),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});
