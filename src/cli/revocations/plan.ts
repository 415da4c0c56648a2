import { existsSync } from "node:fs";

import { Fault, EXIT, type ExitCode, UsageError } from "../../core/index.ts";
import { appendRevocations, parseRevocations, type RevocationEntry } from "../../revocations/index.ts";
import { sayNotLookedAt } from "../not-looked-at.ts";
import { accepted } from "../problems.ts";
import { print, readText, say } from "../terminal.ts";
import { withChildren } from "./children.ts";
import { draftEntries, type EntryFrame, type EntryOptions } from "./draft.ts";
import { hitByDigest, hitBySigner, type Hit } from "./hits.ts";
import { type PlaceOptions, usedImages } from "./places.ts";
import { planJson, planText } from "./plan-report.ts";

export interface PlanOptions extends EntryOptions, PlaceOptions {
  readonly policy?: string;
  readonly output: "text" | "json";
}

/** An entry that is only thought of: its words do not matter. */
function frameNow(): EntryFrame {
  const created = `${new Date().toISOString().slice(0, 19)}Z`;
  return { id: "planned", reason: "A planned revocation, not written yet.", approvals: [], created };
}

/** `mc revocations plan`: what would be refused, running and promoted, before anything is written. */
export async function revocationsPlan(images: readonly string[], options: PlanOptions): Promise<ExitCode> {
  const { used, notLookedAt } = usedImages(images, options);
  sayNotLookedAt(notLookedAt);
  if (used.length === 0)
    throw new UsageError("nothing to check: name images, pods by --workloads, or manifests by -f");
  const drafted = await withChildren(options, (children) => draftEntries(options, frameNow(), children));
  if (drafted instanceof Fault) {
    say(`Cannot tell: ${drafted.message}.`);
    return EXIT.unknown;
  }
  const before = existsSync(options.revocations) ? readText(options.revocations) : "revocations: []\n";
  const after = documentWith(before, drafted, options.revocations);
  const hits =
    options.digest.length > 0
      ? hitByDigest(used, digestsOf(drafted), voidIn(before))
      : await hitBySigner(used, { before, after, ...options, policy: policyOf(options) });
  print(options.output === "json" ? planJson(drafted, hits, notLookedAt) : planText(drafted, hits));
  return exitCode(hits);
}

/** Throws UsageError where the document or the planned entry has problems. */
function documentWith(text: string, entries: readonly RevocationEntry[], file: string): string {
  const known = parseRevocations(text);
  if (known.ok && known.value.entries.some(({ id }) => id === entries[0]!.id))
    throw new UsageError(`${file}: the id ${entries[0]!.id} is taken`);
  return accepted(file, appendRevocations(text, entries));
}

function digestsOf(entries: readonly RevocationEntry[]): Set<string> {
  return new Set(entries.flatMap(({ digest }) => digest ?? []));
}

function voidIn(text: string): Set<string> {
  const parsed = parseRevocations(text);
  return new Set(parsed.ok ? parsed.value.digests.keys() : []);
}

function policyOf({ policy }: PlanOptions): string {
  if (policy !== undefined) return policy;
  throw new UsageError("what a signer or a key affects depends on the policy: name it by --policy");
}

function exitCode(hits: readonly Hit[]): ExitCode {
  if (hits.some(({ effect }) => effect === "refused")) return EXIT.refused;
  return hits.some(({ effect }) => effect === "unknown") ? EXIT.unknown : EXIT.allowed;
}
