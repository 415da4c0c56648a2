import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import packageFile from "../../package.json" with { type: "json" };
import { buildExecutables } from "../../scripts/executables.ts";
import { type Fixtures, prepareFixtures } from "../demo/fixtures.ts";

/** What the executable needs of a system: the C library, and GCC's libraries for C++. */
const LIBRARIES = ["ld-linux-x86-64", "libc", "libdl", "libgcc_s", "libm", "libpthread", "libstdc++"];

/** One file in a root folder without a shell, /proc, /etc or Node.js: what it needs and is not there, it has to miss. */
describe("the executable for Linux, alone in a root folder", () => {
  let root: string;
  let fixtures: Fixtures;
  let libraries: readonly string[];

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "mc-executable-"));
    const [executable = ""] = await buildExecutables(["linux-x64"], join(root, "built"));
    copyFileSync(executable, join(root, "mc"));
    rmSync(join(root, "built"), { recursive: true });
    libraries = execFileSync("ldd", [join(root, "mc")], { encoding: "utf8" }).match(/(?<= |\t)\/\S+/g) ?? [];
    for (const file of libraries) {
      mkdirSync(join(root, dirname(file)), { recursive: true });
      copyFileSync(file, join(root, file));
    }
    fixtures = await prepareFixtures(new Date());
    const { policy, waivers, registry } = fixtures;
    writeFileSync(join(root, "policy.yaml"), policy);
    writeFileSync(join(root, "waivers.yaml"), waivers);
    const hosts = { [registry.host]: { plainHttpUnsafe: true, allowLoopbackUnsafe: true } };
    writeFileSync(join(root, "registries.yaml"), JSON.stringify({ hosts }));
  });
  afterAll(async () => {
    await fixtures.registry.close();
    rmSync(root, { recursive: true, force: true });
  });

  /** Beside the registry of the fixtures, which answers in this process. */
  async function mc(...args: readonly string[]) {
    const alone = ["--user", "--map-root-user", `--root=${root}`, "--wd=/", "/mc"];
    const child = spawn("unshare", [...alone, ...args], { env: {}, stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "close");
    const stdout = await text(child.stdout);
    const [code] = (await ended) as [number | null];
    return { code, stdout };
  }

  it("holds nothing but it, its libraries and the documents", () => {
    expect(libraries.map((file) => file.replace(/^.*\/(.+?)\.so.*$/, "$1")).toSorted()).toEqual(LIBRARIES);
    expect(readdirSync(root).toSorted()).toEqual([
      "lib",
      "lib64",
      "mc",
      "policy.yaml",
      "registries.yaml",
      "waivers.yaml",
    ]);
  });

  it("says its version and that it is one", async () => {
    expect(await mc("--version")).toMatchObject({ code: 0, stdout: `${packageFile.version}\n` });
    const { stdout } = await mc("version", "-o", "json");
    expect(JSON.parse(stdout)).toMatchObject({ build: { form: "executable" } });
  });

  it.each([
    ["signed", 0, "allowed"],
    ["keySigned", 0, "allowed"],
    ["unsigned", 10, "signature/missing"],
    ["wrongIdentity", 10, "signature/untrusted-identity"],
    ["fork", 10, "signature/untrusted-identity"],
    ["tag", 10, "reference/unpinned"],
    ["waived", 0, "WA-2026-7"],
    ["waiverExpired", 10, "signature/missing"],
  ] as const)("judges the demo's image %s: exit code %i, %s", async (name, code, said) => {
    const documents = ["--policy", "policy.yaml", "--waivers", "waivers.yaml"];
    const args = ["verify", ...documents, "--registries", "registries.yaml", fixtures.images[name]];
    const outcome = await mc(...args);
    expect(outcome).toMatchObject({ code, stdout: expect.stringContaining(said) as string });
  });
});
