import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { PROGRAM } from "../support/bundled.ts";
import { createTestCertificate } from "../support/oci-certificate.ts";
import { postReview } from "../support/post-review.ts";
import { aPod, aReview } from "../support/review.ts";

const FULL = "/dev/full";
const POLICY = "rules: []\n";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mc-full-"));
  writeFileSync(join(folder, "policy.yaml"), POLICY);
  writeFileSync(join(folder, "waivers.yaml"), "waivers: []\n");
  writeFileSync(join(folder, "revocations.yaml"), "revocations: []\n");
  writeFileSync(join(folder, "broken.yaml"), "rules: [}\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs mc with some of its streams on a disk that is full. */
async function mc(args: readonly string[], full: "stdout" | "stderr" | "both"): Promise<Ended> {
  const disk = openSync(FULL, "w");
  const stdio = [
    "ignore" as const,
    full === "stderr" ? ("pipe" as const) : disk,
    full === "stdout" ? ("pipe" as const) : disk,
  ];
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio });
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk: Buffer) => (stdout += String(chunk)));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += String(chunk)));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

describe.skipIf(!existsSync(FULL))("a command whose output goes to a full disk", () => {
  it.each<[string, string[], "stdout" | "stderr" | "both"]>([
    ["help", ["verify", "--help"], "stdout"],
    ["a lint that finds something", ["policy", "lint", "broken.yaml"], "stdout"],
    ["a lint that finds nothing, and says so", ["policy", "lint", "policy.yaml"], "stderr"],
    ["JSON", ["waivers", "lint", "waivers.yaml", "-o", "json"], "both"],
    ["a wrong call", ["verify", "--no-such-option"], "stderr"],
    ["a file that is not there", ["policy", "lint", "none.yaml"], "both"],
  ])("%s ends with 12, never with a stack trace", async (_, args, full) => {
    const { code, stdout, stderr } = await mc(
      args.map((each) => (each.endsWith(".yaml") ? join(folder, each) : each)),
      full,
    );
    expect([code, stdout]).toEqual([12, ""]);
    expect(stderr).toMatch(
      /^(1 problem\(s\)\.\n)?(mc cannot write to standard (output|error): .*ENOSPC.*\n)?$/,
    );
  });
});

describe("a command whose reader went away", () => {
  it("comes to the same exit code as with one", async () => {
    const args = [PROGRAM, "policy", "lint", join(folder, "broken.yaml")];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    child.stderr.destroy();
    expect(await once(child, "exit")).toEqual([10, null]);
  });
});

/** A module that fails once a program has said what it does then, and at SIGUSR2. */
function failing(how: string): string {
  const text = `process.on("SIGUSR2", () => { ${how} });
    process.on("newListener", (event) => {
      if (event === "unhandledRejection" && process.env.FAIL) setImmediate(() => { ${how} });
    });`;
  return `data:text/javascript,${encodeURIComponent(text)}`;
}

const HOWS = ['throw new Error("odd")', 'Promise.reject(new Error("odd"))'];

describe("what nothing caught", { timeout: 60_000 }, () => {
  it.each(HOWS)("ends a command with 11: %s", async (how) => {
    const args = ["--import", failing(how), PROGRAM, "presync", "--help"];
    const env = { ...process.env, FAIL: "1" };
    const child = spawn(process.execPath, args, { stdio: "ignore", env });
    expect(await once(child, "close")).toEqual([11, null]);
  });

  it.each(HOWS)("ends a gate in order, with 11: %s", async (how) => {
    const { child } = await serveTo("pipe", ["--import", failing(how)]);
    let log = "";
    child.stdout!.on("data", (chunk: Buffer) => (log += String(chunk)));
    child.kill("SIGUSR2");
    expect(await once(child, "exit")).toEqual([11, null]);
    expect(log).toContain('"msg":"stopped"');
  });
});

/** A gate with its log on a descriptor. */
async function serveTo(stdout: number | "pipe", flags: readonly string[] = []) {
  const own = mkdtempSync(join(folder, "serve-"));
  const { ca, cert, key } = await createTestCertificate();
  const directory = join(own, "tls");
  mkdirSync(directory);
  writeFileSync(join(directory, "tls.crt"), cert);
  writeFileSync(join(directory, "tls.key"), key);
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const server = { address: "127.0.0.1", port, probePort: port + 1, drain: "1s" };
  const settings = {
    server: { ...server, certificate: { mode: "directory", directory } },
    files: { policy: join(folder, "policy.yaml") },
    tuf: { enabled: false },
  };
  writeFileSync(join(own, "settings.json"), JSON.stringify(settings));
  const child = spawn(
    process.execPath,
    [...flags, PROGRAM, "serve", "--settings", join(own, "settings.json")],
    {
      stdio: ["ignore", stdout, "ignore"],
    },
  );
  const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port + 1}/metrics`)).text();
  await expect.poll(() => metrics().catch(() => ""), { timeout: 30_000 }).toContain("mc_gate");
  const review = (uid: string) =>
    postReview(
      `https://127.0.0.1:${port}/validate/enforce`,
      ca,
      aReview({ uid, object: aPod("r.example/a/b") }),
    );
  return { child, metrics, review };
}

describe("mc serve whose log cannot be written", { timeout: 60_000 }, () => {
  it.skipIf(!existsSync(FULL))("goes on answering, counts the lines, and ends at SIGTERM", async () => {
    const { child, metrics, review } = await serveTo(openSync(FULL, "w"));
    expect((await review("u-1")).body.response).toMatchObject({ uid: "u-1", allowed: false });
    await expect.poll(metrics).toMatch(/^mc_gate_log_lines_dropped_total [1-9]/m);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("goes on answering while nobody reads it, and ends at SIGTERM all the same", async () => {
    const { child, review } = await serveTo("pipe");
    child.stdout!.pause();
    for (let round = 0; round < 40; round += 1)
      await Promise.all(Array.from({ length: 20 }, (_, at) => review(`u-${round}-${at}`)));
    await pause(100);
    expect((await review("u-last")).body.response?.uid).toBe("u-last");
    child.kill("SIGTERM");
    await once(child, "exit");
    expect(child.exitCode ?? child.signalCode).toSatisfy((end) => end === 0 || end === "SIGKILL");
  });
});
