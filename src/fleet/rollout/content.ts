import { createHash } from "node:crypto";

import type { NamedText } from "../discovery/survey.ts";
import type { BranchChange, TreeFile } from "../ports.ts";

const TRAILER = "Mc-Fleet-Content: ";

/** The id that git gives a blob of this text. */
function blobId(text: string): string {
  const bytes = Buffer.from(text);
  return createHash("sha1").update(`blob ${bytes.byteLength}\0`).update(bytes).digest("hex");
}

/** What files hold, as one hash. */
export function contentHash(files: readonly NamedText[]): string {
  return hashOf(files.map(({ path, text }) => ({ path, sha: blobId(text) })));
}

function hashOf(files: readonly TreeFile[]): string {
  const lines = files.map(({ path, sha }) => `${path}\0${sha}\n`).toSorted();
  return createHash("sha256").update(lines.join("")).digest("hex");
}

/** The message of a commit of the campaign. */
export function commitMessage(title: string, hash: string): string {
  return `${title}\n\n${TRAILER}${hash}`;
}

/** Whether a branch is empty, ours with a certain content, or changed by a person. */
export type BranchState =
  | { readonly kind: "empty" }
  | { readonly kind: "ours"; readonly hash: string }
  | { readonly kind: "edited" };

/** Every commit must say that it is ours, and the last what the branch holds: an amended commit may keep its message. */
export function branchState({ messages, files }: BranchChange): BranchState {
  if (messages.length === 0) return { kind: "empty" };
  const hashes = messages.map((message) => new RegExp(`^${TRAILER}([0-9a-f]{64})$`, "m").exec(message)?.[1]);
  const last = hashes.at(-1);
  const isOurs = last !== undefined && !hashes.includes(undefined) && last === hashOf(files);
  return isOurs ? { kind: "ours", hash: last } : { kind: "edited" };
}
