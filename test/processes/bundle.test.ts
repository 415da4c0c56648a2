import { execFile, type ExecFileException, execFileSync, spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { createInterface } from "node:readline";

import { parseSync } from "oxc-parser";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import packageFile from "../../package.json" with { type: "json" };
import { commitOf } from "../../src/cli/version/commit.ts";
import { postReview } from "../support/post-review.ts";
import { aPod, aReview } from "../support/review.ts";
import { writeServeSettings } from "../support/serve-settings.ts";
import { type SignedWorld, signedWorld } from "../support/signed-world.ts";

/** Listens where OpenTelemetry's instrumentations for HTTP servers and undici do. */
const TRACER = `
import { subscribe } from "node:diagnostics_channel";
subscribe("http.server.request.start", ({ request }) => console.error("in", request.method, request.url));
subscribe("undici:request:create", ({ request }) => console.error("out", request.method, request.path));
`;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A signal counts as a failure, too. */
function exitCode(error: ExecFileException | null): number {
  if (error === null) return 0;
  return typeof error.code === "number" ? error.code : -1;
}

/** Builds the bundle apart from the project's own, packs it as npm would publish it, and unpacks it as `package/`. */
function pack(folder: string): string[] {
  const source = join(folder, "source");
  mkdirSync(source);
  for (const path of ["package.json", ...packageFile.files.filter((name) => name !== "dist")])
    cpSync(path, join(source, path), { recursive: true });
  const rolldown = join("node_modules", "rolldown/bin/cli.mjs");
  const build = [rolldown, "-c", "rolldown.config.ts", "--dir", join(source, "dist")];
  execFileSync(process.execPath, build, { stdio: "pipe" });
  const options = { cwd: source, encoding: "utf8", stdio: "pipe" } as const;
  execFileSync("npm", ["pack", "--ignore-scripts", "--offline", "--pack-destination", folder], options);
  execFileSync("tar", ["-xzf", `${packageFile.name}-${packageFile.version}.tgz`], { cwd: folder });
  rmSync(source, { recursive: true });
  const packed = join(folder, "package");
  return readdirSync(packed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(packed, join(entry.parentPath, entry.name)));
}

describe("what the package ships", () => {
  let folder: string;
  let files: readonly string[];
  let world: SignedWorld;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "mc-bundle-"));
    files = pack(folder);
    world = await signedWorld();
    writeFileSync(join(folder, "policy.yaml"), world.policy);
    const hosts = { [world.registry.host]: { plainHttpUnsafe: true, allowLoopbackUnsafe: true } };
    writeFileSync(join(folder, "registries.yaml"), JSON.stringify({ hosts }));
  }, 60_000);
  afterAll(async () => {
    await world?.registry.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs the packed program from a folder that has no node_modules above it. */
  function mc(...args: string[]): Promise<Outcome> {
    return new Promise((resolve) => {
      const program = join("package", packageFile.bin.mc);
      execFile(process.execPath, [program, ...args], { cwd: folder }, (error, stdout, stderr) => {
        resolve({ code: exitCode(error), stdout, stderr });
      });
    });
  }

  it("is what package.json names, and no source", () => {
    const bin = readFileSync(join(folder, "package", packageFile.bin.mc), "utf8");
    expect(bin.split("\n", 1)).toEqual(["#!/usr/bin/env node"]);
    expect(files).toEqual(
      expect.arrayContaining([
        packageFile.bin.mc,
        "dist/verify-worker.js",
        "dist/read-worker.js",
        "schemas/policy.schema.json",
      ]),
    );
    const tops = new Set(files.map((path) => path.split("/", 1)[0]));
    expect(tops).toEqual(new Set(["package.json", ...packageFile.files]));
  });

  it("is one package, installed without a registry, whose program has three names and manual pages", async () => {
    const prefix = join(folder, "prefix");
    const tarball = join(folder, `${packageFile.name}-${packageFile.version}.tgz`);
    const flags = ["--prefix", prefix, "--offline", "--no-audit", "--no-fund"];
    execFileSync("npm", ["install", "--global", ...flags, tarball], { stdio: "pipe" });
    const manifests = readdirSync(prefix, { recursive: true, encoding: "utf8" }).filter(
      (path) => basename(path) === "package.json",
    );
    expect(manifests).toEqual([join("lib/node_modules", packageFile.name, "package.json")]);
    const said = Object.keys(packageFile.bin).map((name) =>
      execFileSync(process.execPath, [join(prefix, "bin", name), "--version"], { encoding: "utf8" }),
    );
    expect(said).toEqual(Array(3).fill(`${packageFile.version}\n`));
    const pages = readdirSync(join(prefix, "share/man/man1"));
    expect(pages.toSorted()).toEqual(packageFile.man.map((path) => basename(path)).toSorted());
  });

  it("says which Node it needs, before it loads what an older one cannot read", async () => {
    const entry = readFileSync(join(folder, "package", packageFile.bin.mc), "utf8");
    expect(parseSync("mc.js", entry).module.staticImports).toEqual([]);
    const older = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } })`;
    const program = join(folder, "package", packageFile.bin.mc);
    const ended = spawnSync(process.execPath, [
      "--import",
      `data:text/javascript,${older}`,
      program,
      "verify",
    ]);
    expect(String(ended.stderr)).toMatch(/^mc needs Node\.js 24.*; this is 20\.20\.2\.\n$/);
    expect(ended.status).toBe(12);
  });

  it("needs nothing beside it", async () => {
    copyFileSync("policy/policy.yaml", join(folder, "shipped.yaml"));
    expect(await mc("--version")).toEqual({ code: 0, stdout: `${packageFile.version}\n`, stderr: "" });
    expect(await mc("policy", "lint", "shipped.yaml")).toMatchObject({ code: 0, stderr: "No problems.\n" });
    const { commit, form } = JSON.parse((await mc("version", "-o", "json")).stdout).build;
    expect([form, commit]).toEqual(["bundle", commitOf(".") ?? null]);
    expect((await mc("verify-bundle", "--help")).stdout).toContain("--certificate-oidc-issuer");
  });

  it("starts with a module before it, which sees reviews come in and requests to registries go out", async () => {
    const digest = world.registry.pushImage("acme/app");
    writeFileSync(join(folder, "tracer.mjs"), TRACER);
    const { ca, file } = await writeServeSettings(folder, {
      files: { policy: "policy.yaml" },
      registries: { hosts: { [world.registry.host]: { plainHttpUnsafe: true, allowLoopbackUnsafe: true } } },
      tuf: { enabled: false },
    });
    const env = { ...process.env, NODE_OPTIONS: `--import=${join(folder, "tracer.mjs")}` };
    const args = [join("package", packageFile.bin.mc), "serve", "--settings", file];
    const child = spawn(process.execPath, args, { cwd: folder, env });
    let traced = "";
    child.stderr.on("data", (chunk: Buffer) => (traced += chunk.toString("utf8")));
    for await (const line of createInterface(child.stdout)) {
      const { msg, port } = JSON.parse(line) as { msg: string; port: number };
      if (msg !== "listening") continue;
      const review = aReview({ object: aPod(`${world.registry.host}/acme/app@${digest}`) });
      const path = "/validate/enforce?timeout=10s";
      const { body } = await postReview(`https://127.0.0.1:${port}${path}`, ca, review);
      expect(body.response?.status?.message).toContain("[signature/missing");
      child.kill("SIGTERM");
    }
    expect(traced).toContain("in POST /validate/enforce?timeout=10s\n");
    expect(traced).toContain(`out GET /v2/acme/app/referrers/${digest}\n`);
  });

  it("verifies signatures in its own worker", async () => {
    const [signed, unsigned] = [world.registry.pushImage("acme/app"), world.registry.pushImage("acme/app")];
    await world.sign(signed);
    const flags = ["--policy", "policy.yaml", "--registries", "registries.yaml"];
    const verify = (digest: string): Promise<Outcome> =>
      mc("verify", ...flags, `${world.registry.host}/acme/app@${digest}`);
    expect(await verify(signed)).toMatchObject({ code: 0 });
    expect(await verify(unsigned)).toMatchObject({
      code: 10,
      stdout: expect.stringContaining("signature/missing"),
    });
  });
});
