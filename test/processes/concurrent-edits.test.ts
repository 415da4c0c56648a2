import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { digestOf } from "../../src/core/index.ts";
import { PROGRAM } from "../support/bundled.ts";
import { startOciRegistry } from "../support/oci-registry.ts";
import { type McFolder, mcFolder, type Outcome } from "../support/run-mc.ts";

const LOCKED = resolve("src/cli/file-lock.ts");

function revocation(id: string): readonly string[] {
  const identity = `https://github.com/acme/${id}/.github/workflows/release.yml@refs/heads/main`;
  const issuer = "https://token.actions.githubusercontent.com";
  const reason = "Its token was stolen in an incident.";
  return [
    "revocations",
    "add",
    "--id",
    id,
    "--reason",
    reason,
    "--issuer",
    issuer,
    "--identity",
    identity,
    "--revocations",
    "r.yaml",
  ];
}

function pod(image: string): string {
  return `{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"c","image":"${image}"}]}}\n`;
}

function waiver(at: number): string {
  return JSON.stringify({
    id: `W-${at}`,
    class: "signature",
    digest: digestOf(`image ${at}`),
    reason: "The supplier signs from the next release on, as promised.",
    owners: ["team-shop"],
    created: "2026-11-24T10:00:00Z",
    ttl: "3d",
  });
}

/** A waiver document of about so many bytes, of waivers that have begun. */
function waivers(bytes: number): string {
  const count = Math.ceil(bytes / waiver(1000).length);
  return `waivers:\n${Array.from({ length: count }, (_, at) => `  - ${waiver(at)}\n`).join("")}`;
}

describe("edits of one document by several programs at once", { timeout: 240_000 }, () => {
  let folder: McFolder;
  beforeEach(() => {
    folder = mcFolder();
    folder.write("r.yaml", "revocations: []\n");
  });
  afterEach(() => folder.remove());

  const inProcess = (args: readonly string[]): Promise<Outcome> => folder.mc(args, "");
  const ids = (name: string, list: string): string[] =>
    (parse(folder.read(name)) as Record<string, { id: string }[]>)[list]!.map(({ id }) => id);
  /** Adds revocations side by side: those that were told as written, those that are in the file, and files left beside it. */
  const addAll = async (names: readonly string[]): Promise<readonly string[][]> => {
    const outcomes = await Promise.all(names.map((id) => inProcess(revocation(id))));
    return [
      names.filter((_, at) => outcomes[at]!.code === 0 && outcomes[at]!.stderr.includes("Written to r.yaml")),
      ids("r.yaml", "revocations").toSorted(),
      readdirSync(folder.path).filter((name) => name.startsWith("r.yaml.")),
    ];
  };

  it("all count: eight revocations that say Written are eight entries", async () => {
    const names = ["R-1", "R-2", "R-3", "R-4", "R-5", "R-6", "R-7", "R-8"];
    expect(await addAll(names)).toEqual([names, names, []]);
  });

  it("all count where a lock was left behind that all of them break", async () => {
    const holder = { pid: 99_999_999, host: hostname(), token: randomUUID() };
    writeFileSync(join(folder.path, "r.yaml.mc-lock"), JSON.stringify(holder));
    const names = ["R-1", "R-2", "R-3", "R-4"];
    expect(await addAll(names)).toEqual([names, names, []]);
  });

  it("both count on a document of a megabyte: an end beside a new waiver", async () => {
    folder.write("w.yaml", waivers(900_000));
    const edit = ["--waivers", "w.yaml", "--at", "2026-11-25T10:00:00Z"];
    const added = [`ghcr.io/acme/app@${digestOf("new")}`, "--id", "W-NEW", "--class", "signature"];
    const words = [
      "--reason",
      "The supplier signs from the next release on.",
      "--owner",
      "shop",
      "--ttl",
      "2d",
    ];
    const outcomes = await Promise.all([
      inProcess(["waivers", "expire", "W-1", ...edit]),
      inProcess(["waivers", "add", ...added, ...words, ...edit]),
    ]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    expect(ids("w.yaml", "waivers")).toContain("W-NEW");
    expect(folder.read("w.yaml")).toMatch(/"?id"?: ?"W-1",.*expires"?: "2026-11-25T10:00:00Z"/);
  });

  it("go on after a program was killed while it held the lock", async () => {
    const file = join(folder.path, "r.yaml");
    const source = `import { withFileLock } from ${JSON.stringify(LOCKED)};
      await withFileLock({ file: ${JSON.stringify(file)} }, () => { process.stdout.write("held"); for (;;); });`;
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", source], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    expect(readdirSync(folder.path)).toContain("r.yaml.mc-lock");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await addAll(["R-1"])).toEqual([["R-1"], ["R-1"], []]);
  });

  /** Runs mc while the lock of a file is held, and makes a change when mc waits for it. */
  const changedMeanwhile = async (
    args: readonly string[],
    name: string,
    change: () => void,
  ): Promise<{ readonly code: number | null; readonly stderr: string }> => {
    const lock = join(folder.path, `${name}.mc-lock`);
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), token: randomUUID() }));
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd: folder.path,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (bytes: Buffer) => {
      stderr += bytes.toString("utf8");
      if (!stderr.includes(`is editing`) || !existsSync(lock)) return;
      change();
      rmSync(lock);
    });
    const [code] = (await once(child, "close")) as [number | null];
    return { code, stderr };
  };

  it("is made again by mc pin of what was written while it looked images up", async () => {
    const registry = await startOciRegistry();
    try {
      const [one, two] = [
        registry.pushImage("acme/one", { tag: "1" }),
        registry.pushImage("acme/two", { tag: "1" }),
      ];
      const hosts = { [registry.host]: { plainHttpUnsafe: true, allowLoopbackUnsafe: true } };
      folder.write("registries.yaml", JSON.stringify({ hosts }));
      const [first, second] = [`${registry.host}/acme/one:1`, `${registry.host}/acme/two:1`];
      folder.write("pod.yaml", pod(first));
      const args = ["pin", "--registries", "registries.yaml", "-f", "pod.yaml"];
      const both = (a: string, b: string): string => `${pod(a)}---\n${pod(b)}`;
      const { code } = await changedMeanwhile(args, "pod.yaml", () =>
        folder.write("pod.yaml", both(first, second)),
      );
      expect([code, folder.read("pod.yaml")]).toEqual([0, both(`${first}@${one}`, `${second}@${two}`)]);
    } finally {
      await registry.close();
    }
  });

  it("is given up by mc adopt where the manifest changed while it was being read", async () => {
    const source =
      "  source: { repoURL: https://git.example.com/shop/deploy, path: production }\n  destination: { namespace: shop }\n  project: default\n";
    const text = `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: { name: shop, namespace: argocd }\nspec:\n${source}`;
    folder.write("shop.yaml", text);
    const hook = ["--repo", "https://git.example.com/platform/mc-presync", "--revision", "v1"];
    const args = ["adopt", "argocd", "-f", "shop.yaml", ...hook, "--apply"];
    const theirs = `# theirs\n${text}`;
    const { code, stderr } = await changedMeanwhile(args, "shop.yaml", () =>
      folder.write("shop.yaml", theirs),
    );
    expect([code, stderr]).toEqual([
      11,
      expect.stringContaining("shop.yaml changed while it was being read"),
    ]);
    expect(folder.read("shop.yaml")).toBe(theirs);
    expect((await inProcess(args)).code).toBe(0);
    expect(folder.read("shop.yaml")).toMatch(/^# theirs\n[^]*platform\/mc-presync/);
  });
});
