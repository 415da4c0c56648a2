import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { LRUCache } from "lru-cache";

import type { Attachments } from "../core/index.ts";
import { parseStored, type StoredAttachments, formatStored } from "./schema.ts";

const NAME = /^[0-9a-f]{64}\.json$/;
const UNFINISHED = ".unfinished";
const MAX_WRITES = 64;

/** Where files are kept, how much of them, and who hears of trouble. */
export interface EvidenceFilesOptions {
  readonly folder: string;
  /** Of all files; the least recently used go first. */
  readonly mostBytes: number;
  /** Of one file; what is larger is not kept. */
  readonly mostFileBytes: number;
  /** Called where a file cannot be written or read; the gate continues without it. */
  readonly onProblem: (message: string) => void;
}

/**
 * Opens a folder in which attachments outlive the process. Files of an earlier one are found again; where the folder
 * cannot be used, nothing is kept and someone hears of it.
 */
export async function openEvidenceFiles(options: EvidenceFilesOptions): Promise<EvidenceFiles> {
  const files = new EvidenceFiles(options);
  await files.open();
  return files;
}

/**
 * Attachments in one file for each key, written next to its place and renamed, so that a kill leaves the old one or the
 * new one. Nothing in a file is trusted: bytes are checked against their digests here, and verified like those of a
 * registry by anyone who recalls them.
 */
export class EvidenceFiles {
  readonly #options: EvidenceFilesOptions;
  /** File name → bytes. */
  readonly #sizes: LRUCache<string, number>;
  /** How much is being done to files. */
  #pending = 0;
  /** The last that is being done to each of them. */
  readonly #writes = new Map<string, Promise<unknown>>();
  /** Names of files that have to go, and are still there. */
  readonly #evicted = new Set<string>();

  /** Made by openEvidenceFiles. */
  constructor(options: EvidenceFilesOptions) {
    this.#options = options;
    this.#sizes = new LRUCache({
      maxSize: options.mostBytes,
      sizeCalculation: (bytes) => Math.max(bytes, 1),
      dispose: (_, name, reason) => {
        if (reason === "evict") this.#evicted.add(name);
      },
    });
  }

  /** Finds the files of an earlier process. */
  async open(): Promise<void> {
    const found = await this.#attempt(() => filesOf(this.#options.folder));
    for (const [name, bytes] of found ?? []) this.#sizes.set(name, bytes);
    await this.#sweep();
  }

  /** Begins to keep what a registry holds. Returns at once; while 64 others are being written, it is forgotten. */
  store(key: string, attachments: Attachments, at: Date): void {
    const bytes = attachments.found.reduce((sum, each) => sum + each.bytes.length, 0);
    if (this.#pending >= MAX_WRITES || bytes > this.#options.mostFileBytes) return;
    const text = formatStored(key, attachments, at);
    const name = nameOf(key);
    this.#inTurn(name, () => this.#write(name, text));
  }

  /** Removes what was kept under a key, and what is being written. Returns at once. */
  forget(key: string): void {
    const name = nameOf(key);
    if (!this.#sizes.delete(name) && !this.#writes.has(name)) return;
    this.#inTurn(name, async () => {
      this.#sizes.delete(name);
      await this.#remove(name);
    });
  }

  /** What was kept under a key; nothing where there is none, or where it is damaged. Never rejects. */
  async load(key: string): Promise<StoredAttachments | undefined> {
    const name = nameOf(key);
    if (this.#sizes.get(name) === undefined) return undefined;
    const kept = await this.#attempt(async () => parseStored(key, await readFile(this.#path(name), "utf8")));
    if (kept !== undefined) return kept;
    this.#sizes.delete(name);
    await this.#remove(name);
    return undefined;
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await Promise.all(this.#writes.values());
  }

  /** Two who change one file do so one after the other. */
  #inTurn(name: string, work: () => Promise<void>): void {
    const before = this.#writes.get(name) ?? Promise.resolve();
    this.#pending += 1;
    const done = before
      .then(() => this.#attempt(work))
      .finally(() => {
        this.#pending -= 1;
        if (this.#writes.get(name) === done) this.#writes.delete(name);
      });
    this.#writes.set(name, done);
  }

  async #write(name: string, text: string): Promise<void> {
    const temporary = this.#path(`${name}${UNFINISHED}`);
    try {
      await writeFile(temporary, text, { mode: 0o600 });
      await rename(temporary, this.#path(name));
    } catch (error) {
      await rm(temporary, { force: true }); // what a full disk took of it would keep the disk full
      throw error;
    }
    this.#evicted.delete(name);
    this.#sizes.set(name, Buffer.byteLength(text));
    await this.#sweep();
  }

  async #sweep(): Promise<void> {
    const names = [...this.#evicted];
    this.#evicted.clear();
    await Promise.all(names.map((name) => this.#remove(name)));
  }

  /** A file that cannot be removed is tried again with the next write: a restart would read it. */
  async #remove(name: string): Promise<void> {
    const isGone = await this.#attempt(() => rm(this.#path(name), { force: true }).then(() => true));
    if (isGone !== true) this.#evicted.add(name);
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#options.onProblem(error instanceof Error ? error.message : "the evidence folder cannot be used");
      return undefined;
    }
  }

  #path(name: string): string {
    return join(this.#options.folder, name);
  }
}

/** The files of an earlier process with their bytes, the least recently written first; what is half written goes. */
async function filesOf(folder: string): Promise<[string, number][]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = await readdir(folder);
  const unfinished = names.filter((name) => name.endsWith(UNFINISHED));
  await Promise.all(unfinished.map((name) => rm(join(folder, name), { force: true })));
  const finished = names.filter((name) => NAME.test(name));
  const files = await Promise.all(finished.map((name) => statOf(folder, name)));
  return files.toSorted((a, b) => a.written - b.written).map(({ name, bytes }) => [name, bytes]);
}

async function statOf(
  folder: string,
  name: string,
): Promise<{ readonly name: string; readonly written: number; readonly bytes: number }> {
  const { mtimeMs: written, size: bytes } = await stat(join(folder, name));
  return { name, written, bytes };
}

/** A name that no registry can choose. */
function nameOf(key: string): string {
  return `${createHash("sha256").update(key).digest("hex")}.json`;
}
