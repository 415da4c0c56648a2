import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type LockFile, withIntegrity, withoutIntegrity } from "./lock-file.ts";

/**
 * Gives each entry of package-lock.json that has no integrity the SHA-512 of the package's tarball, which npm fetches: a
 * registry need not state one, and `npm ci` then installs whatever it is handed. What has one keeps it.
 */
const FILE = "package-lock.json";
const AT_ONCE = 50;

const lock = JSON.parse(readFileSync(FILE, "utf8")) as LockFile;
const lacking = withoutIntegrity(lock);
const folder = mkdtempSync(join(tmpdir(), "lock-integrity-"));
try {
  const found = new Map<string, string>();
  const specs = [...new Set(lacking.map(({ spec }) => spec))];
  for (let at = 0; at < specs.length; at += AT_ONCE)
    for (const [spec, integrity] of fetched(specs.slice(at, at + AT_ONCE))) found.set(spec, integrity);
  writeFileSync(FILE, `${JSON.stringify(withIntegrity(lock, found), null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${lacking.length} entries of ${FILE} had no integrity`);

/** Integrities by `name@version`. Throws where npm fetches none of one. */
function fetched(specs: readonly string[]): [string, string][] {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder, ...specs];
  const output = execFileSync("npm", args, { encoding: "utf8", maxBuffer: 256 * 1024 * 1024 });
  const packed = JSON.parse(output) as readonly { id: string; filename: string }[];
  return packed.map(({ id, filename }) => {
    const digest = createHash("sha512").update(readFileSync(join(folder, filename)));
    return [id, `sha512-${digest.digest("base64")}`];
  });
}
