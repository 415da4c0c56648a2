import { execFileSync } from "node:child_process";

import { UsageError } from "../../core/index.ts";
import type { DocumentCommit, DocumentHistory } from "../../evidence-packet/index.ts";

const MAX_COMMITS = 1000;
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_FILES = 50;
const TIMEOUT_MS = 60_000;
const [COMMIT, FIELD] = ["\u001e", "\u001f"];

/** The commits that changed a folder until an instant, the newest first. Throws UsageError where git says none. */
export function historyOf(folder: string, until: Date): DocumentHistory {
  const place = ["-C", folder, "-c", "core.quotePath=false"];
  const form = [
    "--no-color",
    "--no-show-signature",
    "--name-only",
    "--format=%x1e%H%x1f%cI%x1f%an%x1f%s%x1f",
  ];
  const bounds = [`--until=${until.toISOString()}`, `--max-count=${MAX_COMMITS + 1}`, "--", "."];
  const log = git([...place, "log", ...form, ...bounds]);
  const commits = log.split(COMMIT).slice(1).map(commitIn);
  return { commits: commits.slice(0, MAX_COMMITS), isCut: commits.length > MAX_COMMITS };
}

function commitIn(text: string): DocumentCommit {
  const [id = "", at = "", author = "", subject = "", files = ""] = text.split(FIELD);
  const names = files.split("\n").filter((each) => each !== "");
  return { id, at: new Date(at).toISOString(), author, subject, files: names.slice(0, MAX_FILES) };
}

/** `2.39.5`. */
export function gitVersion(): string {
  return git(["--version"]).replace("git version", "").trim();
}

function git(args: readonly string[]): string {
  try {
    return execFileSync("git", args, {
      encoding: "utf8",
      maxBuffer: MAX_BYTES,
      timeout: TIMEOUT_MS,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, GIT_PAGER: "", LC_ALL: "C", TZ: "UTC" },
    });
  } catch (error) {
    const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
    throw new UsageError(`--git: ${(stderr || message).trim().split("\n", 1)[0]}`);
  }
}
