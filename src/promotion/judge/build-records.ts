import type { PinnedImage } from "../../core/index.ts";
import type { LegacyPort } from "./ports.ts";

/** Runs whose code was not reviewed: that they built something proves nothing about the repository. */
const UNREVIEWED: readonly (string | undefined)[] = ["pull_request", "pull_request_target", undefined];
const COMMIT = /^[0-9a-f]{40}$/;

/** When a registry took an image, and whose it is. */
export interface Push {
  readonly at: Date;
  /** `owner/name` of the repository that its package belongs to. */
  readonly repository: string;
}

/** A workflow run, as GitHub's API has it. */
export interface BuildRun {
  readonly url: string;
  readonly commit: string;
  /** Of the code that it ran: another one for a fork. */
  readonly repository: string | undefined;
  readonly event: string | undefined;
  readonly conclusion: string | undefined;
  /** Of its last attempt. */
  readonly startedAt: Date;
  readonly updatedAt: Date | undefined;
}

/** What GitHub and the registry recorded of a build. Failures are Faults. */
export interface BuildRecords {
  /** Undefined for an image of elsewhere, and where its package belongs to no repository. */
  readonly pushed: (image: PinnedImage, signal: AbortSignal) => Promise<Push | undefined>;
  /** The commit that its manifest names. Unsigned: it says which runs to ask about, and counts only with them. */
  readonly revision: (image: PinnedImage, signal: AbortSignal) => Promise<string | undefined>;
  /** All runs of a commit. */
  readonly runs: (repository: string, commit: string, signal: AbortSignal) => Promise<readonly BuildRun[]>;
}

/** Links an image to the run that pushed it. All is read from the records again: no line of a file is believed. */
export function linkByRecords({ pushed, revision, runs }: BuildRecords): LegacyPort {
  return async (image, signal) => {
    const push = await pushed(image, signal);
    if (push === undefined) return undefined;
    const commit = await revision(image, signal);
    if (commit === undefined || !COMMIT.test(commit)) return undefined;
    const all = await runs(push.repository, commit, signal);
    const run = all.find((each) => agrees(each, push, commit));
    return run && { run: run.url, commit };
  };
}

/** Whether a run of that commit of that repository was under way at the push, and came to a good end. */
function agrees(run: BuildRun, { at, repository }: Push, commit: string): boolean {
  const isSame = run.commit === commit && run.repository?.toLowerCase() === repository.toLowerCase();
  const isTrusted = run.conclusion === "success" && !UNREVIEWED.includes(run.event);
  return isSame && isTrusted && run.updatedAt !== undefined && run.startedAt <= at && at <= run.updatedAt;
}
