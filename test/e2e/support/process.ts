import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** How a program ended: its exit code (-1 when a signal ended it) and what it printed. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Input, environment (added to this process's own), working directory and time limit (default 60 s) of one run. */
export interface RunOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

const MAX_OUTPUT = 8 * 1024 * 1024;

/** Collects what a stream says, up to a bound, so that a program gone wild does not fill the memory. */
function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_OUTPUT) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

/** Runs a program to its end. Only a program that cannot be started throws; one that runs too long is killed. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { stdin = "", env = {}, cwd, timeoutMs = 60_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: "pipe" });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    let late = "";
    const timer = setTimeout(() => {
      late = `\nkilled after ${timeoutMs} ms`;
      child.kill("SIGKILL");
    }, timeoutMs);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, stdout: stdout(), stderr: stderr() + late });
    });
    child.stdin.on("error", () => undefined); // it may end without reading its input
    child.stdin.end(stdin);
  });
}

/** Runs a program and returns its standard output; throws with what it printed if it fails. */
export async function runOrThrow(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code === 0) return stdout;
  throw new Error(`${program} ${args.join(" ")} ended with ${code}\n${stdout}${stderr}`);
}

/** A program in the background. */
export interface Service {
  readonly pid: number;
  /** Everything that it printed so far, both streams. */
  readonly output: () => string;
  /** The exit code once it has ended (-1 after a signal), else undefined. */
  readonly ended: () => number | undefined;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Ends it: SIGTERM, and SIGKILL after five seconds. Returns when it is gone. */
  readonly stop: () => Promise<void>;
}

/** What to start, where its output goes besides memory, and what it must print before it counts as started. */
export interface ServiceOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly logFile?: string;
  readonly ready?: RegExp;
  readonly timeoutMs?: number;
}

/** Polls until the condition gives something other than undefined; throws with `what` after the time limit. */
export async function eventually<T>(
  what: string,
  condition: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 30_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined) return value;
    if (Date.now() > end) throw new Error(`gave up waiting for ${what} after ${timeoutMs} ms`);
    await pause(50);
  }
}

/**
 * Starts a program in the background and waits for its `ready` line. The kernel kills it should this process die
 * before it could call `stop` (setpriv of util-linux), so that nothing outlives a test run that was killed.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { program, args, env = {}, cwd, logFile, ready, timeoutMs } = options;
  if (logFile) await mkdir(dirname(logFile), { recursive: true });
  const child = spawn("setpriv", ["--pdeathsig", "KILL", program, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const streams = [collect(child.stdout), collect(child.stderr)];
  const output = () => streams.map((read) => read()).join("");
  const log = logFile ? createWriteStream(logFile) : undefined;
  if (log) for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false });
  let code: number | undefined;
  child.on("error", () => (code = -1));
  child.on("exit", (status) => (code = status ?? -1));
  const service: Service = {
    pid: child.pid ?? -1,
    output,
    ended: () => code,
    signal: (signal) => child.kill(signal),
    stop: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      await eventually(`the end of ${program}`, () => code);
      clearTimeout(timer);
      log?.end();
    },
  };
  if (ready) await started(service, ready, { program, timeoutMs: timeoutMs ?? 30_000 });
  return service;
}

async function started(
  service: Service,
  ready: RegExp,
  what: { program: string; timeoutMs: number },
): Promise<void> {
  try {
    await eventually(
      `${what.program} to print ${ready.source}`,
      () => {
        if (service.ended() !== undefined) throw new Error(`${what.program} ended with ${service.ended()}`);
        return ready.test(service.output()) || undefined;
      },
      what.timeoutMs,
    );
  } catch (cause) {
    if (service.ended() === undefined) await service.stop();
    throw new Error(`${what.program} did not start:\n${service.output()}`, { cause });
  }
}
