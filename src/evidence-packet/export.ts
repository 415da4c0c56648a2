import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { RetryLater } from "../core/index.ts";
import { type ReadLine, readRecord, type RecordReport } from "../record/index.ts";
import { attestationLine } from "./attestations.ts";
import { PacketDocuments } from "./documents.ts";
import { MANIFEST, type Manifest, packetJson, RECORD, SIGNATURE } from "./manifest.ts";
import { PacketFolder } from "./packet-folder.ts";
import { filesWithPlace, pageShellHash, writePage } from "./page.ts";
import type { AttachedFile, DocumentHistory, PacketWindow, SignStatement } from "./ports.ts";
import { NameRedaction } from "./redaction.ts";
import { packetStatement } from "./statement.ts";
import { Tally } from "./tally.ts";
import { unknowns } from "./unknown.ts";
import { viewsOf } from "./views.ts";

/** What a packet is made from. */
export interface ExportOptions extends PacketWindow {
  /** Files and folders of the decision record. */
  readonly record: readonly string[];
  /** History of the folder that documents are kept in; absent where none was named. */
  readonly history?: DocumentHistory | undefined;
  readonly attached: readonly AttachedFile[];
  /** Versions of what made the packet. */
  readonly tools: Readonly<Record<string, string>>;
  readonly keepsUserNames: boolean;
  /** Absent where the packet is not signed. */
  readonly signer?: { readonly name: string; readonly sign: SignStatement } | undefined;
  readonly folder: string;
}

/** What was written. */
export interface ExportReport {
  readonly folder: string;
  readonly decisions: number;
  readonly unverified: number;
  readonly manifest: string;
  readonly unknown: readonly string[];
  /** What of the record is missing or changed. */
  readonly problems: number;
  /** Why there is no signature where one was asked for. */
  readonly unsigned?: string;
}

/** Everything that the files of a packet are written from. */
export interface PacketContent {
  readonly options: ExportOptions;
  readonly tally: Tally;
  readonly documents: PacketDocuments;
  readonly report: RecordReport;
  readonly unknown: readonly string[];
  /** Places where the lines of the packet do not follow each other, as where the record itself has none. */
  readonly breaks: number | undefined;
}

/**
 * Writes a packet. The record is read twice, a line at a time: once to count, and once to copy, when it is known what facts
 * its decisions rest on. Throws UsageError and RetryLater; the folder is there whole, or not at all.
 */
export async function exportPacket(options: ExportOptions): Promise<ExportReport> {
  const tally = new Tally(options);
  const report = await readRecord(options.record, ({ value }) => {
    if (value.msg !== "facts") tally.take(value);
  });
  const folder = await PacketFolder.begin(options.folder);
  try {
    const exported = await write(folder, { options, tally, report });
    await folder.finish();
    return exported;
  } catch (error) {
    await folder.discard();
    throw error;
  }
}

async function write(
  folder: PacketFolder,
  { options, tally, report }: Pick<PacketContent, "options" | "tally" | "report">,
): Promise<ExportReport> {
  const documents = new PacketDocuments(tally.documents(), tally);
  const redaction = new NameRedaction(!options.keepsUserNames);
  await copyRecord(folder, options, { tally, documents, redaction });
  documents.finish();
  const breaks = await breaksIn(join(folder.folder, RECORD), options);
  const unknown = unknowns({ options, tally, documents, report });
  const content = { options, tally, documents, report, unknown, breaks };
  for (const { path, about, text } of viewsOf(content)) await folder.add(path, text, about);
  const manifest = await finishManifest(folder, content, redaction);
  const unsigned = await signManifest(folder, options, manifest);
  const { verified, unverified } = tally.counts;
  return {
    folder: options.folder,
    decisions: sum(verified) + sum(unverified),
    unverified: sum(unverified),
    manifest: manifest.sha256,
    unknown,
    problems: report.problemCount,
    ...(unsigned !== undefined && { unsigned }),
  };
}

interface Copying {
  readonly tally: Tally;
  readonly documents: PacketDocuments;
  readonly redaction: NameRedaction;
}

/** The lines of the window, and each fact once that they rest on. */
async function copyRecord(folder: PacketFolder, options: ExportOptions, copying: Copying): Promise<void> {
  const { tally, documents, redaction } = copying;
  const record = await folder.open(
    RECORD,
    "decisions, changes of documents, and what the record says of itself",
  );
  const evidence = await folder.open("evidence.jsonl", "facts that the decisions rest on, by digest");
  const attestations = await folder.open(
    "attestations.jsonl",
    "signatures and attestations, and what their verification came to",
  );
  const copied = new Set<string>();
  const again = new Tally(options);
  await readRecord(options.record, async (line: ReadLine): Promise<void> => {
    const { value } = line;
    if (value.msg !== "facts") {
      if (again.take(value)) await record.write(`${redaction.apply(line)}\n`);
      return;
    }
    documents.take(value);
    if (!tally.facts.has(value.digest) || copied.has(value.digest)) return;
    copied.add(value.digest);
    await evidence.write(`${line.text}\n`);
    const verified = value.type === "evidence" ? attestationLine(value) : undefined;
    if (verified !== undefined) await attestations.write(`${JSON.stringify(verified)}\n`);
  });
  if (again.written !== tally.written)
    throw new RetryLater("the record changed while it was read; run it again, with an --until that is past");
  for (const file of [record, evidence, attestations]) await file.close();
  for (const digest of tally.facts) if (!copied.has(digest)) tally.lacking += 1;
}

/** Of one namespace chains have gaps by design. */
export async function breaksIn(
  file: string,
  { namespace }: Pick<PacketWindow, "namespace">,
): Promise<number | undefined> {
  if (namespace !== undefined) return undefined;
  return (await readRecord([file])).problemCount;
}

async function finishManifest(
  folder: PacketFolder,
  { options }: PacketContent,
  redaction: NameRedaction,
): Promise<{ readonly text: string; readonly sha256: string }> {
  const manifest: Manifest = {
    kind: "MC Gate evidence packet",
    version: 1,
    window: windowOf(options),
    tools: options.tools,
    redaction: [...redaction.entries],
    ...(options.signer !== undefined && { signer: options.signer.name }),
    page: pageShellHash(),
    files: filesWithPlace(folder.files.toSorted((a, b) => (a.path < b.path ? -1 : 1))),
  };
  const text = packetJson(manifest);
  await writeFile(join(folder.folder, MANIFEST), text, { flag: "wx" });
  await writePage(folder.folder, manifest.files);
  return { text, sha256: createHash("sha256").update(text).digest("hex") };
}

async function signManifest(
  folder: PacketFolder,
  options: ExportOptions,
  { sha256 }: { readonly sha256: string },
): Promise<string | undefined> {
  if (options.signer === undefined) return undefined;
  const signed = await options.signer.sign(packetStatement(sha256, windowOf(options)));
  if (!signed.ok) return signed.why;
  await writeFile(join(folder.folder, SIGNATURE), signed.bundle, { flag: "wx" });
  return undefined;
}

function windowOf({ since, until, namespace }: PacketWindow): Manifest["window"] {
  return {
    since: since.toISOString(),
    until: until.toISOString(),
    ...(namespace !== undefined && { namespace }),
  };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, each) => total + each, 0);
}
