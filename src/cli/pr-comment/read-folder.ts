import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

import { UsageError } from "../../core/index.ts";
import { type FolderFile, REPORT_FILES, type ReportFile } from "../../pr-comment/index.ts";

const MAX_FOLDERS = 200;
const MAX_FILE = 1024 * 1024;
const MAX_TOTAL = 16 * 1024 * 1024;
const ARTIFACT = /^mc-scan-([a-z0-9-]{1,40})$/;

/** The files of the artifacts in a folder, by the services' names. Other files are not read. */
export function readFolder(folder: string): FolderFile[] {
  const services = foldersIn(folder);
  if (services.length > MAX_FOLDERS)
    throw new UsageError(`${folder} holds more than ${MAX_FOLDERS} artifacts`);
  const names = Object.keys(REPORT_FILES) as ReportFile[];
  let total = 0;
  return services.flatMap(({ service, path }) =>
    names.flatMap((file): FolderFile[] => {
      const read = readBounded(join(path, file), Math.min(MAX_FILE, MAX_TOTAL - total));
      if (read === undefined) return [];
      if ("text" in read) total += read.text.length;
      return [{ service, file, ...read }];
    }),
  );
}

/** download-artifact makes a folder for each artifact, unless there is only one. */
function foldersIn(folder: string): { readonly service: string; readonly path: string }[] {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    throw new UsageError(`${folder} is not a folder that can be read`);
  }
  const below = entries.flatMap((each) => {
    const service = ARTIFACT.exec(each.name)?.[1];
    return service === undefined || !each.isDirectory() ? [] : [{ service, path: join(folder, each.name) }];
  });
  const own = entries.some(({ name }) => Object.hasOwn(REPORT_FILES, name));
  return own ? [{ service: "app", path: folder }, ...below] : below;
}

/** A file, or why it is not read; undefined where there is none. No link is followed. */
function readBounded(path: string, most: number): { text: string } | { problem: string } | undefined {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return { problem: "it cannot be opened, or is a link" };
  }
  try {
    if (!fstatSync(file).isFile()) return { problem: "it is not a file" };
    const bytes = Buffer.alloc(most + 1);
    let size = 0;
    for (let read = 1; read > 0 && size <= most; size += read)
      read = readSync(file, bytes, size, bytes.length - size, null);
    if (size > most)
      return { problem: `it is larger than ${MAX_FILE} bytes, or all of them than ${MAX_TOTAL}` };
    return { text: bytes.subarray(0, size).toString("utf8") };
  } finally {
    closeSync(file);
  }
}
