import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { vi } from "vitest";

import { run } from "../../src/cli/run.ts";
import { PROGRAM } from "./bundled.ts";
import type { OciRegistry } from "./oci-registry.ts";

const HOME = process.cwd();

/** What a call of mc came to. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder to call mc in. */
export interface McFolder {
  readonly path: string;
  readonly write: (name: string, text: string) => void;
  readonly read: (name: string) => string;
  /** Runs a command here, with this folder as its own; with input as a process, whose standard input it is. */
  readonly mc: (args: readonly string[], input?: string) => Promise<Outcome>;
  /** The same in a folder below, in this process. */
  readonly mcIn: (below: string, args: readonly string[]) => Promise<Outcome>;
  readonly remove: () => void;
}

/** A fresh folder with `registries.yaml`, by which registries of this machine may be asked. */
export function mcFolder(...registries: readonly Pick<OciRegistry, "host">[]): McFolder {
  const path = mkdtempSync(join(tmpdir(), "mc-run-"));
  const write = (name: string, text: string): void => writeFileSync(join(path, name), text);
  const hosts = registries.map(({ host }) => [host, { plainHttpUnsafe: true, allowLoopbackUnsafe: true }]);
  write("registries.yaml", JSON.stringify({ hosts: Object.fromEntries(hosts), limits: { retries: 0 } }));
  return {
    path,
    write,
    read: (name) => readFileSync(join(path, name), "utf8"),
    mc: (args, input) => (input === undefined ? runHere(path, args) : runProcess(path, args, input)),
    mcIn: (below, args) => runHere(join(path, below), args),
    remove: () => {
      process.chdir(HOME); // a call that timed out may still be here, and every later one would be nowhere
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** A tenth of what a process costs. */
async function runHere(folder: string, args: readonly string[]): Promise<Outcome> {
  const texts = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      texts[name] += String(chunk);
      return true;
    }),
  );
  process.chdir(folder);
  try {
    const code = await run(args);
    return { code, ...texts };
  } finally {
    process.chdir(HOME);
    for (const spy of spies) spy.mockRestore();
  }
}

/** The program as it is started in earnest. */
function runProcess(folder: string, args: readonly string[], input: string): Promise<Outcome> {
  return new Promise((done) => {
    const child = execFile(process.execPath, [PROGRAM, ...args], { cwd: folder }, (error, stdout, stderr) => {
      done({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}
