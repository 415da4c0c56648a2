import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";

import { UsageError } from "../core/index.ts";
import { MAX_FILES, PacketPath } from "./manifest.ts";
import { MAX_IN_PAGE } from "./page.ts";

/** Base64 of the files and their manifest, and the page around them. */
const MAX_PAGE = 2 * MAX_IN_PAGE;
const HELD = /^<script type="text\/plain" data-path="([^"]{1,240})">([A-Za-z0-9+/]*={0,2})<\/script>$/;

/** What a page holds. */
export interface ReadPage {
  readonly files: ReadonlyMap<string, Buffer>;
  /** SHA-256 of everything else. */
  readonly shell: string;
  readonly problems: readonly string[];
}

/** Reads a page of a packet without running it. Throws UsageError for a file that is larger than any. */
export async function readPage(file: string): Promise<ReadPage> {
  const { size } = await stat(file);
  if (size > MAX_PAGE)
    throw new UsageError(`${file} has ${size} bytes; a packet's page has at most ${MAX_PAGE}`);
  const files = new Map<string, Buffer>();
  const problems: string[] = [];
  const shell = createHash("sha256");
  const lines = (await readFile(file, "latin1")).split("\n");
  for (const [at, line] of lines.entries()) {
    const [, path, base64] = HELD.exec(line) ?? [];
    if (path === undefined || base64 === undefined) {
      shell.update(at === lines.length - 1 ? line : `${line}\n`, "latin1");
      continue;
    }
    const problem = take(files, path, base64);
    if (problem !== undefined) problems.push(problem);
  }
  return { files, shell: shell.digest("hex"), problems };
}

function take(files: Map<string, Buffer>, path: string, base64: string): string | undefined {
  const bytes = Buffer.from(base64, "base64");
  if (!PacketPath.safeParse(path).success) return `a file in it has a name that none may have`;
  if (files.has(path)) return `${path} is in it twice`;
  if (files.size > MAX_FILES) return `it holds more than ${MAX_FILES} files`;
  files.set(path, bytes);
  return bytes.toString("base64") === base64 ? undefined : `${path} is not written as it was`;
}
