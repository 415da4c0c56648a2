import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";

import packageFile from "../../../package.json" with { type: "json" };
import { EXIT, type ExitCode, UsageError } from "../../core/index.ts";
import {
  type AttachedFile,
  exportPacket,
  type ExportReport,
  PacketPath,
} from "../../evidence-packet/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { openSigner, type SignerOptions } from "../open-signer.ts";
import { print, say } from "../terminal.ts";
import { gitVersion, historyOf } from "./git-history.ts";

const MAX_ATTACHED = 64;
const MAX_ATTACHED_BYTES = 16 * 1024 * 1024;
const SHOWN = 20;

/** What `mc evidence export` takes. */
export interface ExportEvidenceOptions extends SignerOptions {
  readonly since: Date;
  readonly until: Date;
  readonly record: readonly string[];
  readonly namespace?: string;
  readonly git?: string;
  readonly attach: readonly string[];
  readonly out?: string;
  readonly withUserNames: boolean;
  readonly unsigned: boolean;
  readonly output: "text" | "json";
}

/** `mc evidence export`: exits 11 where the record is not whole, holds nothing of the time, or nothing could be signed. */
export async function exportEvidence(options: ExportEvidenceOptions, now = new Date()): Promise<ExitCode> {
  const { since, until, namespace, git, out, unsigned } = options;
  checkWindow(since, until, now);
  const history = git === undefined ? undefined : historyOf(git, until);
  const report = await exportPacket({
    since,
    until,
    namespace,
    record: options.record,
    history,
    attached: attachedFiles(options.attach),
    tools: toolsOf(git !== undefined),
    keepsUserNames: options.withUserNames,
    signer: unsigned ? undefined : openSigner(options, process.env),
    folder: out ?? join("docs", "mc", "evidence", new Date(until.getTime() - 1).toISOString().slice(0, 10)),
  });
  print(options.output === "json" ? jsonAnswer({ ...report }) : textOf(report));
  if (report.unsigned !== undefined) say(`nothing is signed: ${report.unsigned}`);
  const isWhole = report.problems === 0 && report.decisions > 0 && report.unsigned === undefined;
  return isWhole ? EXIT.allowed : EXIT.unknown;
}

function checkWindow(since: Date, until: Date, now: Date): void {
  if (until <= since) throw new UsageError("--until is not after --since");
  if (until > now)
    throw new UsageError("--until is in the future: what is decided until then cannot be in the packet");
}

function attachedFiles(files: readonly string[]): AttachedFile[] {
  if (files.length > MAX_ATTACHED) throw new UsageError(`--attach: at most ${MAX_ATTACHED} files`);
  const attached = files.map((file) => ({ name: nameOf(file), bytes: bytesOf(file) }));
  const twice = attached.find(({ name }, at) => attached.findIndex((each) => each.name === name) !== at);
  if (twice !== undefined) throw new UsageError(`--attach: two files are called ${twice.name}`);
  return attached.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function nameOf(file: string): string {
  const name = basename(file);
  if (!PacketPath.safeParse(`attached/${name}`).success)
    throw new UsageError(
      `--attach: ${name}: give it a name of letters, digits, dots, dashes and underscores`,
    );
  return name;
}

function bytesOf(file: string): Buffer {
  try {
    if (statSync(file).size <= MAX_ATTACHED_BYTES) return readFileSync(file);
  } catch (error) {
    throw new UsageError(
      `cannot read ${file}: ${error instanceof Error ? error.message : "unknown failure"}`,
    );
  }
  throw new UsageError(`--attach: ${file} has more than ${MAX_ATTACHED_BYTES} bytes`);
}

function toolsOf(usesGit: boolean): Record<string, string> {
  return {
    "mc-gate": packageFile.version,
    node: process.versions.node,
    ...(usesGit && { git: gitVersion() }),
  };
}

function textOf({ folder, decisions, unverified, manifest, unknown, problems }: ExportReport): string {
  const doubt = unverified > 0 ? `, ${unverified} of them of callers that were not verified` : "";
  const more = unknown.length - SHOWN;
  return [
    `${folder}: ${decisions} decisions${doubt}`,
    `SHA-256 of manifest.json: ${manifest}`,
    ...(problems > 0 ? [`The record is not whole: ${problems} problems, see unknown.json.`] : []),
    "What could not be known:",
    ...unknown.slice(0, SHOWN).map((each) => `  ${each}`),
    ...(more > 0 ? [`  and ${more} more in unknown.json`] : []),
  ].join("\n");
}
