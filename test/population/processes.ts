import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const POLL_MS = 25;

/** What a run of `mc` came to. */
export interface McRun {
  /** `undefined` where it was killed. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
  /** The most memory that it held, MiB. */
  readonly peak: number;
}

/** Runs `mc` in a folder, as a process of its own. */
export class Mc {
  readonly folder: string;
  readonly #program: string;

  /** `program` is a bundle's mc.js. */
  constructor(folder: string, program: string) {
    this.folder = folder;
    this.#program = program;
  }

  /** To its end; or killed with SIGKILL as soon as `until` says so. */
  async run(args: readonly string[], until?: () => boolean): Promise<McRun> {
    const began = performance.now();
    const child = spawn(process.execPath, [this.#program, ...args], {
      cwd: this.folder,
      env: { ...process.env, COSIGN_PASSWORD: "", GITHUB_TOKEN: "t" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text: string) => (texts[name] += text));
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    const watched = watch(child, until);
    const code = (await ended) ?? undefined;
    return { code, ...texts, ms: performance.now() - began, peak: await watched };
  }

  /** Lines of a file in the folder that can be read, and how many cannot. */
  lines<T>(name: string): T[] {
    const path = join(this.folder, name);
    if (!existsSync(path)) return [];
    return readFileSync(path, "utf8")
      .split("\n")
      .flatMap((text) => {
        try {
          return [JSON.parse(text) as T];
        } catch {
          return [];
        }
      });
  }
}

async function watch(child: ChildProcess, until: (() => boolean) | undefined): Promise<number> {
  let peak = 0;
  while (child.exitCode === null && child.signalCode === null) {
    peak = Math.max(peak, peakOf(child.pid));
    if (until?.() === true) child.kill("SIGKILL");
    await wait(POLL_MS);
  }
  return peak;
}

/** proc(5): the most that a process has had resident. */
function peakOf(pid: number | undefined): number {
  try {
    const [, kib = "0"] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Math.round(Number(kib) / 1024);
  } catch {
    return 0; // it has ended
  }
}
