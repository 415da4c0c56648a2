import { EXIT, type ExitCode, type Parsed, UsageError } from "../../core/index.ts";
import {
  gapIn,
  type Journal,
  type Proposals,
  proposalsFrom,
  readUses,
  type Uses,
} from "../../promotion/index.ts";
import { appendNonPromotable, parseRevocations, type Revocations } from "../../revocations/index.ts";
import { editFile } from "../edit-file.ts";
import { accepted, problemLine } from "../problems.ts";
import { print, readText, say } from "../terminal.ts";
import { readJournalFile } from "./journal-file.ts";
import { openCluster } from "./open-inventory.ts";

export interface PublishOptions {
  readonly journal: string;
  readonly revocations: string;
  readonly cluster: boolean;
  readonly kubeconfig?: string;
  readonly includeRunning: boolean;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly output: "text" | "json";
}

/** Images that would stop, of those that are named one by one. */
const MAX_SHOWN = 50;

/** `mc backfill publish`: adds what is not promotable to the revocation document, in one edit. */
export async function publishBackfill(options: PublishOptions): Promise<ExitCode> {
  const journal = await readJournalFile(options.journal);
  const uses = options.cluster ? await usesIn(options.kubeconfig) : undefined;
  const unknown = unknownIn(journal, uses, options);
  if (unknown !== undefined) {
    say(`Nothing is written: ${unknown}.`);
    return EXIT.unknown;
  }
  const { nonPromotable } = inForce(options);
  const proposals = proposalsFrom(journal.images.values(), {
    ...(uses !== undefined && { uses }),
    isListed: (digest) => nonPromotable.has(digest),
    includeRunning: options.includeRunning,
  });
  const refusal = refusalOf(proposals, options);
  tell(proposals, options, uses === undefined ? journal.sums?.at : undefined);
  if (refusal === undefined) return await write(proposals, options);
  say(`Nothing is written: ${refusal}.`);
  return EXIT.refused;
}

/** Why nothing can be told, one clause. */
function unknownIn(journal: Journal, uses: Uses | undefined, options: PublishOptions): string | undefined {
  const incomplete = gapIn(journal, options.journal);
  if (incomplete !== undefined) return incomplete;
  const gap = uses?.gaps[0];
  return gap === undefined ? undefined : `what runs is not known: ${gap.what}: ${gap.why}`;
}

async function usesIn(kubeconfig: string | undefined): Promise<Uses> {
  const cluster = await openCluster(kubeconfig);
  try {
    return await readUses(cluster.port);
  } finally {
    await cluster.close();
  }
}

/** Why nothing may be written, one clause. */
function refusalOf({ unasked, running }: Proposals, options: PublishOptions): string | undefined {
  if (unasked > 0 && !options.includeRunning)
    throw new UsageError(
      `it is not known whether ${unasked} image(s) run; give --cluster, or --include-running to list them all the same`,
    );
  if (!options.includeRunning || options.yes || options.dryRun) return undefined;
  if (unasked > 0) return `it is not known whether ${unasked} image(s) run; --yes lists them all the same`;
  return running.length > 0 ? "what runs would not start again; --yes lists it all the same" : undefined;
}

function tell(proposals: Proposals, options: PublishOptions, asOf: string | undefined): void {
  const { elsewhere, unmatched, listed } = proposals;
  tellRunning(proposals, options);
  if (asOf !== undefined)
    say(`What runs is as of ${asOf}, when the journal was written; --cluster asks now.`);
  if (elsewhere > 0) say(`${elsewhere} digest(s) are left out: elsewhere they are good, or not known.`);
  if (unmatched > 0) say(`${unmatched} image(s) are left out: no rule asks about them.`);
  if (listed > 0) say(`${listed} image(s) are listed already.`);
}

function tellRunning({ running }: Proposals, { includeRunning }: PublishOptions): void {
  const verb = includeRunning ? "would not start again" : "is left out, since it runs";
  for (const { repository, digest, places = [] } of running.slice(0, MAX_SHOWN))
    say(`${repository}@${digest} ${verb}: ${places.join(", ")}`);
  if (running.length > MAX_SHOWN) say(`and ${running.length - MAX_SHOWN} more`);
}

async function write({ entries }: Proposals, options: PublishOptions): Promise<ExitCode> {
  const { revocations: file, dryRun, output } = options;
  const isWriting = !dryRun && entries.length > 0;
  const edited = isWriting
    ? await editFile(file, (before) => {
        const result = appendNonPromotable(before, entries);
        return { text: result.ok ? result.value : undefined, result };
      })
    : appendNonPromotable(readText(file), entries);
  if (!edited.ok) return refused(edited, file);
  if (output === "json") print(JSON.stringify({ version: 1, written: isWriting, entries }, undefined, 2));
  else print(dryRun ? edited.value.trimEnd() : `${entries.length} digest(s) to refuse`);
  if (isWriting) say(`Written to ${file}; it counts as soon as the gate's ConfigMap holds it.`);
  return EXIT.allowed;
}

function refused({ problems }: Extract<Parsed<string>, { ok: false }>, file: string): ExitCode {
  for (const problem of problems) say(problemLine({ file, ...problem }));
  say("Nothing is written. The absence of a summary refuses, too, where a rule asks for promotable.");
  return EXIT.refused;
}

/** Throws UsageError where the document cannot be read. */
function inForce({ revocations: file }: PublishOptions): Revocations {
  return accepted(file, parseRevocations(readText(file)));
}
