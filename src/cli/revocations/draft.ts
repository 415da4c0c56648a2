import { existsSync } from "node:fs";

import { parseDigest, parseImageRef, parsePublicKey, UsageError } from "../../core/index.ts";
import type { RevocationEntry } from "../../revocations/index.ts";
import type { RegistryOptions } from "../offline-gate.ts";
import { readText } from "../terminal.ts";
import type { Children } from "./children.ts";

/** What `mc revocations plan` and `mc revocations add` are given about the entry. */
export interface EntryOptions extends RegistryOptions {
  readonly issuer?: string;
  readonly identity?: string;
  readonly identityPattern?: string;
  readonly sourceRepository?: string;
  readonly sourceRepositoryPattern?: string;
  readonly key?: string;
  readonly digest: readonly string[];
  readonly from?: string;
  readonly until?: string;
  readonly revocations: string;
  /** Seconds for each image. */
  readonly timeout: number;
}

/** What every entry of one call shares. */
export type EntryFrame = Pick<RevocationEntry, "id" | "reason" | "requestedBy" | "approvals" | "created">;

/**
 * The entries that the options mean: one for a signer or a key, one for each digest, and one for each platform image of
 * an index. Throws UsageError; faults of the registry pass.
 */
export async function draftEntries(
  options: EntryOptions,
  frame: EntryFrame,
  children: Children,
): Promise<RevocationEntry[]> {
  const window = {
    ...(options.from !== undefined && { from: options.from }),
    ...(options.until !== undefined && { until: options.until }),
  };
  const targets = targetsOf(options);
  if (targets.length + Math.min(1, options.digest.length) !== 1)
    throw new UsageError("name exactly one: --issuer with an identity or source repository, --key, --digest");
  if (targets.length === 1) return [{ ...frame, ...targets[0]!, ...window }];
  const digests = await Promise.all(options.digest.map((text) => voidedWith(text, children)));
  const entries = digests.flat().map(({ digest, note }) => ({
    ...frame,
    digest,
    ...window,
    reason: note === undefined ? frame.reason : `${frame.reason} (${note})`,
  }));
  return entries.map((entry, at) => (at === 0 ? entry : { ...entry, id: `${frame.id}-${at + 1}` }));
}

type Target = Pick<RevocationEntry, "issuer" | "identity" | "sourceRepository" | "key">;

function targetsOf(options: EntryOptions): Target[] {
  const { issuer, key } = options;
  const identity = matcher(options.identity, options.identityPattern, "identity");
  const source = matcher(options.sourceRepository, options.sourceRepositoryPattern, "source-repository");
  const signer = {
    ...(issuer !== undefined && { issuer }),
    ...(identity !== undefined && { identity }),
    ...(source !== undefined && { sourceRepository: source }),
  };
  return [
    ...(Object.keys(signer).length > 0 ? [signer] : []),
    ...(key === undefined ? [] : [{ key: fingerprintOf(key) }]),
  ];
}

function matcher(
  exact: string | undefined,
  pattern: string | undefined,
  name: string,
): RevocationEntry["identity"] {
  if (exact !== undefined && pattern !== undefined)
    throw new UsageError(`give either --${name} or --${name}-pattern`);
  return pattern === undefined ? exact : { pattern };
}

/** A key by its fingerprint, or by the file that holds its PEM. */
function fingerprintOf(text: string): string {
  const digest = parseDigest(text);
  if (digest !== undefined) return digest;
  if (!existsSync(text)) throw new UsageError(`--key ${text} is neither a fingerprint sha256:… nor a file`);
  const parsed = parsePublicKey(readText(text));
  if (parsed.ok) return parsed.key.fingerprint;
  throw new UsageError(`${text}: ${parsed.why}`);
}

async function voidedWith(
  text: string,
  children: Children,
): Promise<{ readonly digest: string; readonly note?: string }[]> {
  const bare = parseDigest(text);
  if (bare !== undefined) return [{ digest: bare }];
  const parsed = parseImageRef(text);
  if (!parsed.ok) throw new UsageError(`--digest ${text}: ${parsed.why}`);
  const { digest } = parsed.ref;
  if (digest === undefined) throw new UsageError(`--digest ${text} names no digest; a tag can move`);
  const platforms = (await children({ ...parsed.ref, digest })) ?? [];
  return [
    { digest },
    ...platforms.map((each) => ({ digest: each, note: `platform image of ${digest.slice(0, 19)}` })),
  ];
}
