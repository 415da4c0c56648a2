import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { subset, validRange } from "semver";
import { describe, expect, it } from "vitest";

import lockFile from "../package-lock.json" with { type: "json" };
import packageFile from "../package.json" with { type: "json" };
import { type LockFile, withIntegrity, withoutIntegrity } from "../scripts/lock-file.ts";
import { readCycloneDx } from "../src/verify/predicates/sbom.ts";

const lock: LockFile = lockFile;
const installed = Object.entries(lock.packages).filter(([at]) => at !== "");
const SHA512 = `sha512-${"A".repeat(86)}==`;

function packageAt(folder: string): string {
  return folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
}

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

describe("the bill of materials that a build ships", () => {
  it("names each production package of the lock file with its hash, no other one, and is read by the sbom gate", () => {
    const folder = mkdtempSync(join(tmpdir(), "mc-sbom-"));
    try {
      mkdirSync(join(folder, "dist"));
      for (const file of ["package.json", "package-lock.json", "scripts", "node_modules"])
        symlinkSync(resolve(file), join(folder, file));
      execFileSync(process.execPath, [resolve("scripts/sbom.ts")], { cwd: folder, stdio: "pipe" });
      const bom = JSON.parse(readFileSync(join(folder, "dist/sbom.cdx.json"), "utf8"));
      const shipped = installed.filter(([, { dev, devOptional }]) => dev !== true && devOptional !== true);
      const named = (bom.components as { name: string; version: string; hashes: unknown[] }[]).map(
        (each) => `${each.name}@${each.version} ${each.hashes.length}`,
      );
      const expected = shipped.map(([at, entry]) => `${entry.name ?? packageAt(at)}@${entry.version} 1`);
      expect(new Set(named)).toEqual(new Set(expected));
      expect(bom.metadata.component).toMatchObject({ name: packageFile.name, version: packageFile.version });
      expect(readCycloneDx(bom)).toMatchObject({ format: "cyclonedx", components: named.length });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
