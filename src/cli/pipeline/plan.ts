import { globSync } from "node:fs";

import { EXIT, type ExitCode, UsageError } from "../../core/index.ts";
import {
  dotText,
  mermaidText,
  type Notice,
  noticesAcross,
  type Pipeline,
  type Plan,
  type PlanFacts,
  planJson,
  planPipeline,
  readDurations,
  readPipeline,
  topLevel,
  treeText,
} from "../../pipeline/index.ts";
import { trustedSigners } from "../../policy/index.ts";
import { parseWaivers, stateOf } from "../../waivers/index.ts";
import { accepted, problemLine } from "../problems.ts";
import { print, readText, say } from "../terminal.ts";
import { writeOutput } from "../write-output.ts";
import { checkoutsIn, workflowSource } from "./checkouts.ts";

const USUAL = ["orchestrations/mc/*.{yaml,yml}", ".github/workflows/*.{yaml,yml}"];
const NARROWEST = 40;
const USUAL_WIDTH = 80;

/** What `mc plan` takes. */
export interface PlanOptions {
  readonly policy?: string;
  readonly waivers?: string;
  readonly durations?: string;
  readonly repository?: string;
  readonly ref?: string;
  readonly server: string;
  /** `owner/name=DIR`. */
  readonly checkout: readonly string[];
  readonly at?: Date;
  readonly output: "tree" | "mermaid" | "dot" | "json";
  readonly out?: string;
}

/** `mc plan`: pipelines as they would run, and what is wrong with them. */
export function plan(files: readonly string[], options: PlanOptions): ExitCode {
  const { pipelines, unread } = readAll(files, options);
  const facts = factsOf(options);
  const shown = files.length === 0 ? topLevel(pipelines) : pipelines;
  const across = noticesAcross(pipelines);
  const plans = shown.map((pipeline) => planPipeline(pipeline, facts));
  const notices = [...unread, ...across];
  if (options.out !== undefined) writeOutput(options.out, `${planJson(plans, notices)}\n`);
  print(rendered(plans, notices, options.output));
  const all = [...plans.flatMap((each) => each.notices), ...notices];
  if (options.output === "mermaid" || options.output === "dot") for (const each of all) say(noticeLine(each));
  return exitCode(all);
}

function rendered(plans: readonly Plan[], notices: readonly Notice[], output: PlanOptions["output"]): string {
  if (output === "json") return planJson(plans, notices);
  if (output === "mermaid") return mermaidText(plans);
  if (output === "dot") return dotText(plans);
  return treeText(plans, Math.max(NARROWEST, process.stdout.columns ?? USUAL_WIDTH), notices);
}

function noticeLine({ level, message, rule, stage, ...place }: Notice): string {
  const about = stage === undefined ? "" : `${stage}: `;
  return `${level} ${problemLine({ ...place, rule, path: "", message: `${about}${message}` })}`;
}

function exitCode(notices: readonly Notice[]): ExitCode {
  if (notices.some(({ level }) => level === "wrong")) return EXIT.refused;
  return notices.some(({ level }) => level === "unknown") ? EXIT.unknown : EXIT.allowed;
}

interface ReadAll {
  readonly pipelines: readonly Pipeline[];
  readonly unread: readonly Notice[];
}

function readAll(files: readonly string[], options: PlanOptions): ReadAll {
  const paths = files.length > 0 ? files : USUAL.flatMap((pattern) => globSync(pattern).toSorted());
  if (paths.length === 0)
    throw new UsageError(`There is no pipeline here: name files, or write one of ${USUAL.join(" and ")}.`);
  const checkouts = checkoutsIn(options.checkout);
  const read = paths.map((path) =>
    readPipeline(path, readText(path), workflowSource(path, { ...options, checkouts })),
  );
  return {
    pipelines: read.flatMap((each) => (each.ok ? [each.pipeline] : [])),
    unread: read.flatMap((each) => (each.ok ? [] : each.notices)),
  };
}

function factsOf({ policy, waivers, durations, at = new Date() }: PlanOptions): PlanFacts {
  return {
    waivers: waivers === undefined ? [] : activeWaivers(waivers, at),
    authoritiesOf: policy === undefined ? undefined : authoritiesIn(policy),
    seconds: durations === undefined ? new Map<string, number>() : durationsIn(durations),
  };
}

function durationsIn(file: string): ReadonlyMap<string, number> {
  const read = readDurations(readText(file));
  if (read === undefined)
    throw new UsageError(`${file} holds neither seconds by stage nor the jobs of a run as GitHub lists them`);
  return read;
}

function activeWaivers(file: string, at: Date): PlanFacts["waivers"] {
  const { waivers, problems } = accepted(file, parseWaivers(readText(file)));
  for (const problem of problems) say(problemLine({ file, ...problem }));
  return waivers.filter((each) => ["active", "ending"].includes(stateOf(each, at)));
}

function authoritiesIn(file: string): PlanFacts["authoritiesOf"] {
  const signers = accepted(file, trustedSigners(readText(file)));
  return ({ issuer, identity }) =>
    signers
      .filter((each) => each.issuer.matches(issuer) && each.identity.matches(identity))
      .map(({ authority }) => authority);
}
