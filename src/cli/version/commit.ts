import { execFileSync } from "node:child_process";
import { realpathSync } from "node:fs";

/** What the program was built from. */
export interface Commit {
  /** 40 hexadecimal digits. */
  readonly id: string;
  /** When it was made: RFC 3339, in UTC. A build of the same commit says the same. */
  readonly at: string;
  /** Whether tracked files differ from it. */
  readonly modified: boolean;
}

const TIMEOUT_MS = 5000;

/** The commit of a checkout; undefined where the folder is not the top of one, or git cannot tell. */
export function commitOf(folder: string): Commit | undefined {
  try {
    const [top = "", id = ""] = git(folder, "rev-parse", "--show-toplevel", "HEAD").split("\n");
    if (realpathSync(top) !== realpathSync(folder)) return undefined; // unpacked below another project
    const seconds = Number(git(folder, "show", "-s", "--format=%ct", "HEAD"));
    const at = new Date(seconds * 1000).toISOString();
    return { id, at, modified: git(folder, "status", "--porcelain", "--untracked-files=no") !== "" };
  } catch {
    return undefined;
  }
}

function git(folder: string, ...args: readonly string[]): string {
  const options = { cwd: folder, encoding: "utf8", stdio: "pipe", timeout: TIMEOUT_MS } as const;
  return execFileSync("git", ["--no-optional-locks", ...args], options).trim();
}
