import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { build, type OutputOptions } from "rolldown";
import { subset, validRange } from "semver";
import { describe, expect, it } from "vitest";

import lockFile from "../package-lock.json" with { type: "json" };
import packageFile from "../package.json" with { type: "json" };
import bundle from "../rolldown.config.ts";
import { importsOf, packageName, sourceFiles } from "../scripts/architecture/imports.ts";
import { type LockFile, withIntegrity, withoutIntegrity } from "../scripts/lock-file.ts";
import { readCycloneDx } from "../src/verify/predicates/sbom.ts";

const lock: LockFile = lockFile;
const installed = Object.entries(lock.packages).filter(([at]) => at !== "");
const SHA512 = `sha512-${"A".repeat(86)}==`;

function packageAt(folder: string): string {
  return folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
}

describe("the published package", () => {
  it("needs no other one: everything is in the bundle", () => {
    expect(Object.keys(packageFile).filter((key) => /dependencies$/i.test(key))).toEqual(["devDependencies"]);
  });
});

describe("the lock file", () => {
  it("holds each package to the bytes of its tarball (npm run lock:integrity)", () => {
    expect(installed.length).toBeGreaterThan(500);
    expect(withoutIntegrity(lock)).toEqual([]);
  });

  it("asks for Node.js as every dependency does", () => {
    expect(validRange(packageFile.engines.node)).not.toBeNull();
    expect(lock.packages[""]!.engines).toEqual(packageFile.engines);
    const asking = installed.flatMap(([at, { engines }]) => {
      const node = engines !== undefined && "node" in engines ? engines["node"] : undefined;
      return node === undefined ? [] : [{ at, node }];
    });
    expect(asking.length).toBeGreaterThan(100);
    expect(asking.filter(({ node }) => !subset(packageFile.engines.node, node))).toEqual([]);
  });
});

describe("integrities", () => {
  const aLock: LockFile = {
    packages: {
      "": { version: "1.0.0" },
      "node_modules/known": { version: "1.0.0", integrity: SHA512 },
      "node_modules/weak": { version: "1.0.0", integrity: "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=" },
      "node_modules/@a/b/node_modules/@c/d": { version: "2.0.0", dev: true },
      "node_modules/alias": { name: "other", version: "3.0.0" },
      "node_modules/local": { link: true },
      "node_modules/x/node_modules/bundled": { version: "4.0.0", inBundle: true },
    },
  };
  const lacking = ["weak@1.0.0", "@c/d@2.0.0", "other@3.0.0"];

  it("lack where a registry holds a package and nothing but a weak hash holds it", () => {
    expect(withoutIntegrity(aLock).map(({ spec }) => spec)).toEqual(lacking);
  });

  it("are put in where they lack, and nowhere else", () => {
    const found = new Map(lacking.map((spec) => [spec, SHA512]));
    const { packages } = withIntegrity(aLock, found);
    expect(withoutIntegrity({ packages })).toEqual([]);
    expect(packages["node_modules/@a/b/node_modules/@c/d"]).toEqual({
      version: "2.0.0",
      integrity: SHA512,
      dev: true,
    });
    expect([packages[""], packages["node_modules/local"]]).toEqual([{ version: "1.0.0" }, { link: true }]);
    expect(() => withIntegrity(aLock, new Map())).toThrow("no integrity of weak@1.0.0 was found");
  });
});

interface BomComponent {
  readonly name: string;
  readonly version: string;
  readonly scope: string;
  readonly hashes: readonly unknown[];
}

/** Folders of the packages that src imports and of what those load, as Node.js would find them. */
function shippedFolders(): string[] {
  const imported = sourceFiles()
    .flatMap((file) => importsOf(file))
    .filter(({ target, isTypeOnly }) => !isTypeOnly && !/^(?:\.|node:)/.test(target))
    .map(({ target }) => `node_modules/${packageName(target)}`);
  const found = new Set(imported);
  for (const folder of found) {
    const { dependencies = {}, peerDependencies = {}, optionalDependencies = {} } = lock.packages[folder]!;
    for (const name of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })) {
      const at = foundFrom(folder, name);
      if (at !== undefined) found.add(at);
    }
  }
  return [...found];
}

/** Folders of the packages whose modules are in the bundle. */
async function bundledFolders(): Promise<string[]> {
  const { output } = await build({ ...bundle, output: bundle.output as OutputOptions, write: false });
  const modules = output.flatMap((each) => (each.type === "chunk" ? each.moduleIds : []));
  const folders = modules.flatMap(
    (id) =>
      /node_modules\/.*node_modules\/(?:@[^/]+\/)?[^/]+|node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? [],
  );
  expect(folders.length).toBeGreaterThan(1000);
  return folders;
}

/** The folder in which Node.js finds a package from another: its own, or one above. */
function foundFrom(folder: string, name: string): string | undefined {
  for (let base = folder; ; base = base.slice(0, Math.max(0, base.lastIndexOf("/node_modules/")))) {
    const at = `${base === "" ? "" : `${base}/`}node_modules/${name}`;
    if (lock.packages[at] !== undefined) return at;
    if (base === "") return undefined;
  }
}

describe("the bill of materials that a build ships", () => {
  it("names each package that src needs with its hash, no other one, and is read by the sbom gate", async () => {
    const folder = mkdtempSync(join(tmpdir(), "mc-sbom-"));
    try {
      mkdirSync(join(folder, "dist"));
      for (const file of ["package.json", "package-lock.json", "scripts", "src", "node_modules"])
        symlinkSync(resolve(file), join(folder, file));
      execFileSync(process.execPath, [resolve("scripts/sbom.ts")], { cwd: folder, stdio: "pipe" });
      const bom = JSON.parse(readFileSync(join(folder, "dist/sbom.cdx.json"), "utf8"));
      const named = (bom.components as BomComponent[]).map(
        ({ name, version, scope, hashes }) => `${name}@${version} ${scope} ${hashes.length}`,
      );
      const expected = [...shippedFolders(), ...(await bundledFolders())].map((at) => {
        const { name = packageAt(at), version } = lock.packages[at]!;
        return `${name}@${version} required 1`;
      });
      expect(expected.length).toBeGreaterThan(100);
      expect(new Set(named)).toEqual(new Set(expected));
      expect(bom.metadata.component).toMatchObject({ name: packageFile.name, version: packageFile.version });
      expect(readCycloneDx(bom)).toMatchObject({ format: "cyclonedx", components: named.length });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
