import { randomUUID } from "node:crypto";
import { closeSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

import { z } from "zod";

import { parseJson, printable, RetryLater } from "../core/index.ts";
import { say } from "./terminal.ts";

/** How long another program's edit is waited for; the edit of a document of 1 MiB may take seconds, and several queue. */
const WAIT_MS = 60_000;
/** After how long a wait people learn what is waited for. */
const SAY_AFTER_MS = 2000;
/** No edit takes so long: a lock that is older was left behind, on whatever host. */
const LEFT_AFTER_MS = 10 * 60_000;
/** A lock is written at once after it was made: one without content for so long was left behind. */
const EMPTY_AFTER_MS = 10_000;
const PAUSE_MS = 20;
const TOUCH_MS = 60_000;

/** A lock may come out of anyone's repository, and its token is part of a file's name. */
const Holder = z.object({ pid: z.int().positive(), host: z.string(), token: z.uuid() });
type Holder = z.infer<typeof Holder>;

/** Which lock, and how long others are waited for. */
export interface LockOptions {
  /** The file itself, no link to it: the lock is `FILE.mc-lock` next to it. */
  readonly file: string;
  /** ms; 60,000 where absent. */
  readonly waitMs?: number;
}

/**
 * Runs `work` while no other `mc` edits the file. The lock says who holds it; one whose process is gone, or that is older
 * than ten minutes, is broken. `work` is synchronous, so that a lock is never held over a wait. Rejects with RetryLater
 * where the wait was for nothing.
 */
export async function withFileLock<T>({ file, waitMs = WAIT_MS }: LockOptions, work: () => T): Promise<T> {
  const lock = `${file}.mc-lock`;
  const token = randomUUID();
  await acquire(lock, token, { file, waitMs });
  try {
    return work();
  } finally {
    if (holderOf(lock)?.token === token) rmSync(lock, { force: true });
  }
}

/**
 * Holds a file for as long as a run writes to it; gives what lets it go. Unlike an edit, it may take hours: the lock is
 * touched, so that one that was left behind shows by its age on other hosts, too. Throws RetryLater where another program
 * holds it: two that write one after the other would take each other's lines for their own.
 */
export function holdFile(file: string): () => void {
  const lock = `${file}.mc-lock`;
  const token = randomUUID();
  while (!isMade(lock, token))
    if (!breakLeft(lock))
      throw new RetryLater(`${whoHolds(lock, file)}; wait for its end, or name another file`);
  const touch = (): void => {
    if (holderOf(lock)?.token === token) utimesSync(lock, new Date(), new Date());
  };
  const timer = setInterval(touch, TOUCH_MS).unref();
  return () => {
    clearInterval(timer);
    if (holderOf(lock)?.token === token) rmSync(lock, { force: true });
  };
}

async function acquire(lock: string, token: string, { file, waitMs }: Required<LockOptions>): Promise<void> {
  const began = performance.now();
  let isSaid = false;
  while (!isMade(lock, token)) {
    if (breakLeft(lock)) continue;
    const waitedMs = performance.now() - began;
    if (waitedMs > waitMs)
      throw new RetryLater(
        `${whoHolds(lock, file)}. Nothing is written; try again, or remove ${lock} if that program is gone`,
      );
    if (waitedMs > SAY_AFTER_MS && !isSaid) {
      say(`Waiting: ${whoHolds(lock, file)}.`);
      isSaid = true;
    }
    await sleep(PAUSE_MS * (1 + Math.random()));
  }
}

/** Makes the lock; false where there is one. */
function isMade(lock: string, token: string): boolean {
  const handle = openNew(lock);
  if (handle === undefined) return false;
  try {
    writeFileSync(handle, JSON.stringify({ pid: process.pid, host: hostname(), token } satisfies Holder));
  } finally {
    closeSync(handle);
  }
  return true;
}

/**
 * Breaks a lock that was left behind; true where the lock may be there no more. The right to break it is a file of the
 * lock's own name, which one program alone can make: a second one cannot remove the lock that the first one makes next.
 */
function breakLeft(lock: string): boolean {
  const seen = holderOf(lock);
  if (!isLeft(lock, seen)) return false;
  const right = `${lock}.${seen?.token ?? "empty"}`;
  if (!isTaken(right)) return false;
  try {
    if (holderOf(lock)?.token === seen?.token && isLeft(lock, seen)) rmSync(lock, { force: true });
  } finally {
    rmSync(right, { force: true });
  }
  return true;
}

/** Acquires the right to break a lock; one that was left behind itself is taken at the next attempt. */
function isTaken(right: string): boolean {
  const handle = openNew(right);
  if (handle !== undefined) closeSync(handle);
  else if (ageOf(right) > EMPTY_AFTER_MS) rmSync(right, { force: true });
  return handle !== undefined;
}

/** A file that was not there; undefined where it was. */
function openNew(file: string): number | undefined {
  try {
    return openSync(file, "wx", 0o644);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return undefined;
    throw error;
  }
}

function isLeft(lock: string, holder: Holder | undefined): boolean {
  const age = ageOf(lock);
  if (holder === undefined) return age > EMPTY_AFTER_MS;
  return age > LEFT_AFTER_MS || (holder.host === hostname() && !isRunning(holder.pid));
}

/** Who holds a lock; undefined where it is not there, or says nothing yet. */
function holderOf(lock: string): Holder | undefined {
  try {
    return Holder.safeParse(parseJson(readFileSync(lock, "utf8"))).data;
  } catch {
    return undefined;
  }
}

function whoHolds(lock: string, file: string): string {
  const holder = holderOf(lock);
  const who =
    holder === undefined ? "another program" : `process ${holder.pid} on ${printable(holder.host, 100)}`;
  return `${who} is editing ${file}`;
}

/** ms since the file was made; 0 where it is not there. */
function ageOf(file: string): number {
  const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {};
  return mtimeMs === undefined ? 0 : Date.now() - mtimeMs;
}

/** Whether a process of this host runs; one that may not be signalled does. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
