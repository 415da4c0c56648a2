import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { LINES_VARIABLE } from "./line-reporter.ts";

const PROCESS = join(import.meta.dirname, "stryker-process.ts");

/** What Stryker is to do. */
export interface Task {
  /** `src/gate/decide.ts:1-20`, lines from 1. */
  readonly mutate: readonly string[];
  readonly static: boolean;
  /** Where results go. */
  readonly lines: string;
  /** When it is to be ended, ms since 1970. */
  readonly until: number;
}

/** Runs Stryker in a group of processes of its own. Returns whether it came to its end; rejects where it failed. */
export async function runStryker({ mutate, static: withStatic, lines, until }: Task): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "mc-mutation-"));
  const order = JSON.stringify([mutate, withStatic, folder]);
  const env = { ...process.env, [LINES_VARIABLE]: lines };
  const child = spawn(process.execPath, [PROCESS, order], {
    detached: true,
    stdio: ["ignore", "inherit", "inherit"],
    env,
  });
  let isOver = false;
  const end = (): void => {
    isOver = true;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  const timer = setTimeout(end, Math.max(0, Math.min(until - Date.now(), 2 ** 31 - 1)));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, end);
  try {
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    child.on("error", reject);
    child.on("close", resolve);
    const code = await promise;
    if (code !== 0 && !isOver) throw new Error(`Stryker ended with ${code}`);
    return !isOver;
  } finally {
    clearTimeout(timer);
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.removeListener(signal, end);
    rmSync(folder, { recursive: true, force: true });
  }
}
