import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Builds the bundle into a folder and gives the path of its mc.js. */
export function buildBundle(folder: string): string {
  const into = join(folder, "build");
  execFileSync("rolldown", ["-c", "--dir", into], { stdio: "ignore" });
  return join(into, "mc.js");
}
