import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join, normalize, sep } from "node:path";

import { UsageError } from "../../core/index.ts";
import type { WorkflowSource } from "../../pipeline/index.ts";

const MAX_BYTES = 1024 * 1024;
const WORKFLOWS = `${sep}.github${sep}workflows${sep}`;

/** Folders of checkouts, by `owner/name`. Throws UsageError. */
export function checkoutsIn(options: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    options.map((text) => {
      const [, repository, folder] = /^([\w.-]+\/[\w.-]+)=(.+)$/.exec(text) ?? [];
      if (repository === undefined || folder === undefined)
        throw new UsageError(`--checkout ${text} is not OWNER/NAME=DIR`);
      if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
        throw new UsageError(`--checkout ${text}: ${folder} is not a folder`);
      return [repository.toLowerCase(), folder];
    }),
  );
}

/** What workflows are read from: the folder that holds `.github` of a file, or this one; and checkouts. */
export function workflowSource(
  file: string,
  options: {
    readonly checkouts: ReadonlyMap<string, string>;
    readonly repository?: string;
    readonly ref?: string;
    readonly server: string;
  },
): WorkflowSource {
  const { checkouts, repository, ref, server } = options;
  const path = normalize(file);
  const end = `${sep}${path}`.lastIndexOf(WORKFLOWS);
  const root = end <= 0 ? "." : path.slice(0, end - 1) || sep;
  const folderOf = (from: string | undefined): string | undefined => {
    const isOwn = from === undefined || from.toLowerCase() === repository?.toLowerCase();
    return isOwn ? root : checkouts.get(from.toLowerCase());
  };
  return {
    repository,
    ref,
    server: server.replace(/\/+$/, ""),
    root: root === "." ? "" : `${root}/`,
    isAvailable: (from) => folderOf(from) !== undefined,
    read: (name, from) => {
      const folder = folderOf(from);
      return folder === undefined ? undefined : textIn(folder, name);
    },
  };
}

/** The text of a file in a folder; undefined where there is none. Throws UsageError where it cannot be read. */
function textIn(folder: string, name: string): string | undefined {
  const path = normalize(name);
  if (isAbsolute(path) || path.split(sep).includes("..")) return undefined;
  const whole = join(folder, path);
  const found = statSync(whole, { throwIfNoEntry: false });
  if (found?.isFile() !== true) return undefined;
  if (found.size > MAX_BYTES) throw new UsageError(`${whole} is larger than ${MAX_BYTES} bytes`);
  return readFileSync(whole, "utf8");
}
