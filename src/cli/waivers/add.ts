import {
  type Digest,
  isPinned,
  parseDigest,
  parseImageRef,
  repositoryName,
  type ExitCode,
  UsageError,
} from "../../core/index.ts";
import { isGap } from "../../documents/index.ts";
import { appendWaiver, instantText, type WaiverEntry } from "../../waivers/index.ts";
import { approvalOf } from "../approvals.ts";
import { say } from "../terminal.ts";
import { type EditOptions, editWaivers } from "./edited.ts";

/** What `mc waivers add` and `mc waivers renew` are given about a waiver. */
export interface WaiverWords {
  readonly reason?: string;
  readonly control?: string;
  readonly ticket?: string;
  readonly finding: readonly string[];
  readonly namespace: readonly string[];
  readonly owner: readonly string[];
  readonly requestedBy?: string;
  readonly approve: readonly string[];
  readonly ttl?: string;
  readonly expires?: string;
}

export interface AddOptions extends EditOptions, WaiverWords {
  readonly id: string;
  readonly class: string;
}

/** `mc waivers add`: writes a waiver at the end of the list. */
export function waiversAdd(image: string, options: AddOptions): Promise<ExitCode> {
  const created = instantText(options.at ?? new Date());
  const entry = {
    id: options.id,
    class: options.class as NonNullable<WaiverEntry["class"]>,
    ...scopeOf(image),
    ...wordsOf(options, created),
    created,
  };
  warnOfApprovals(entry);
  return editWaivers(options, (before) => ({
    after: appendWaiver(before, entry),
    what: `waiver ${options.id}`,
    entry,
  }));
}

/** The keys of an entry that were given; the schema says what is wrong with them. */
export function wordsOf(words: WaiverWords, at: string): Partial<WaiverEntry> {
  const { reason, control, ticket, finding, namespace, owner, requestedBy, approve, ttl, expires } = words;
  return withoutGaps({
    findings: [...finding],
    namespaces: [...namespace],
    reason,
    compensatingControl: control,
    ticket,
    owners: [...owner],
    requestedBy,
    approvals: approve.map((text) => approvalOf(text, at)),
    ttl,
    expires,
  });
}

/** The keys that say something: neither undefined nor an empty list. */
export function withoutGaps<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => !isGap(each))) as Partial<T>;
}

/** Names in a file are not an approval; the review of the change is. */
export function warnOfApprovals({ approvals = [] }: Partial<WaiverEntry>): void {
  if (approvals.length === 0) say("No approval is named; add them by --approve, or in the review.");
}

/** An image by digest narrows the waiver to its repository; a digest alone does not. */
function scopeOf(text: string): { readonly digest: Digest; readonly image?: string } {
  const bare = parseDigest(text);
  if (bare !== undefined) return { digest: bare };
  const parsed = parseImageRef(text);
  if (!parsed.ok) throw new UsageError(`${text}: ${parsed.why}`);
  if (!isPinned(parsed.ref)) throw new UsageError(`${text} names no digest; a tag can move`);
  return { digest: parsed.ref.digest, image: repositoryName(parsed.ref) };
}
