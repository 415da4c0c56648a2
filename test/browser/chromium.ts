import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const MAX_BYTES = 64 * 1024 * 1024;
const run = promisify(execFile);

/** Chromium of this machine: MC_CHROMIUM, else a usual place; installed where this is Debian and root. */
export function findChromium(): string {
  const known = process.env["MC_CHROMIUM"] ?? PLACES.find((place) => existsSync(place));
  if (known !== undefined) return known;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get"))
    throw new Error("there is no Chromium: install it, or name it in MC_CHROMIUM");
  execFileSync("apt-get", ["update", "-qq"], { stdio: "inherit" });
  execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], {
    stdio: "inherit",
  });
  return PLACES[0]!;
}

/** A page after its scripts have run, without a network: its DOM as HTML. With `picture`, also a picture of it. */
export async function openInChromium(chromium: string, file: string, picture?: string): Promise<string> {
  const profile = mkdtempSync(join(tmpdir(), "mc-chromium-"));
  const common = [
    "--headless=new",
    "--disable-gpu",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    `--user-data-dir=${profile}`,
    "--virtual-time-budget=20000",
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  ];
  const options = { maxBuffer: MAX_BYTES, timeout: 120_000 };
  try {
    if (picture !== undefined)
      await run(
        chromium,
        [...common, "--window-size=1200,3200", `--screenshot=${picture}`, `file://${file}`],
        options,
      );
    return (await run(chromium, [...common, "--dump-dom", `file://${file}`], options)).stdout;
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
