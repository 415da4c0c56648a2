import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of one write. */
const MAX_WRITE = 256 * 1024;
const RETRY_MS = 10_000;
/** After a write lines gather for so long, ms. */
const GATHER_MS = 10;
const MIB = 1024 * 1024;

/** Lines that are in no file, and the first reason for it. */
export interface LostLines {
  /** Number of the first and the last of them in the chain. */
  readonly from: number;
  readonly to: number;
  readonly lines: number;
  readonly because: string;
}

/** Where files are, and how long one grows. */
export interface RecordFilesOptions {
  readonly folder: string;
  /** A file of this size is followed by another, bytes. */
  readonly fileBytes: number;
  /** And one of this age, ms. */
  readonly fileMs: number;
  /** Called with the number of lines that could not be written. */
  readonly onLost: (lines: number, because: string) => void;
  /** Bytes that wait to be written; past them lines are lost. */
  readonly maxWaiting?: number;
  /** After lines could not be written, a new file is begun this much later, ms. */
  readonly retryMs?: number;
  /** Opens a new file; the file system's own where absent. */
  readonly openFile?: (path: string) => Promise<OpenFile>;
}

/** What is done to a file. */
export type OpenFile = Pick<FileHandle, "write" | "truncate" | "close">;

type Opening = { readonly opens: string; readonly told: LostLines | undefined };
type Item = Opening | { readonly text: string; readonly number?: number | undefined };

/**
 * The files of one replica, written in the background. A file has all of its lines or ends early: once a line is lost, so
 * is everything up to the beginning of the next file.
 */
export class RecordFiles {
  readonly #options: Required<RecordFilesOptions>;
  #queue: Item[] = [];
  #waiting = 0;
  #running: Promise<void> | undefined;
  #file: { readonly handle: OpenFile; readonly path: string } | undefined;
  #offset = 0;
  #size = 0;
  #begunMs = 0;
  /** Set while nothing can be written: when to begin another file. */
  #retryMs: number | undefined = 0;
  #lost: LostLines | undefined;
  /** What the first line of the file says of it. */
  #told: LostLines | undefined;

  constructor(options: RecordFilesOptions) {
    this.#options = { maxWaiting: 8 * MIB, retryMs: RETRY_MS, openFile: createFile, ...options };
  }

  /** Whether the next line has to begin a file. */
  get isDue(): boolean {
    const now = performance.now();
    if (this.#retryMs !== undefined) return now >= this.#retryMs;
    return this.#size >= this.#options.fileBytes || now - this.#begunMs >= this.#options.fileMs;
  }

  /** What was lost since the last line that was written. */
  get lost(): LostLines | undefined {
    return this.#lost;
  }

  /** Begins another file; the lines that follow go there. */
  begin(name: string): void {
    this.#retryMs = undefined;
    this.#size = 0;
    this.#begunMs = performance.now();
    this.#queue.push({ opens: join(this.#options.folder, name), told: this.#lost });
    this.#start();
  }

  /** Takes a line of the chain, by its number, or another one. Returns at once. */
  write(text: string, number?: number): void {
    const bytes = text.length;
    if (this.#retryMs !== undefined) return this.#lose([number], "nothing can be written to the folder");
    if (this.#waiting + bytes > this.#options.maxWaiting) {
      this.#fail();
      return this.#lose([number], "lines come faster than they are written");
    }
    this.#size += bytes;
    this.#waiting += bytes;
    this.#queue.push({ text, number });
    this.#start();
  }

  /** Resolves when every line is written or lost. */
  async flush(): Promise<void> {
    await this.#running;
  }

  async close(): Promise<void> {
    await this.flush();
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close().catch(() => undefined);
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#queue.length > 0) this.#start();
    });
  }

  async #run(): Promise<void> {
    for (let item = this.#queue[0]; item !== undefined; item = this.#queue[0]) {
      if ("opens" in item) await this.#open(item);
      else await this.#writeBatch();
      await new Promise((resolve) => setTimeout(resolve, this.#waiting > MAX_WRITE ? 0 : GATHER_MS));
    }
  }

  async #open({ opens: path, told }: Opening): Promise<void> {
    this.#queue.shift();
    await this.#file?.handle.close().catch(() => undefined);
    this.#file = undefined;
    this.#offset = 0;
    this.#told = told;
    try {
      await mkdir(this.#options.folder, { recursive: true, mode: 0o750 });
      this.#file = { handle: await this.#options.openFile(path), path };
    } catch (error) {
      this.#giveUp([], error);
    }
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#takeBatch();
    const numbers = batch.map(({ number }) => number);
    const bytes = Buffer.from(batch.map(({ text }) => text).join(""));
    if (this.#file === undefined) return this.#lose(numbers, "no file could be begun");
    try {
      await writeAll(this.#file.handle, bytes, this.#offset);
      if (this.#offset === 0 && this.#lost === this.#told) this.#lost = undefined; // the first line says so
      this.#offset += bytes.length;
    } catch (error) {
      await this.#abandon();
      this.#giveUp(numbers, error);
    }
  }

  #takeBatch(): Exclude<Item, Opening>[] {
    const batch: Exclude<Item, Opening>[] = [];
    let bytes = 0;
    for (let item = this.#queue[0]; item !== undefined && !("opens" in item); item = this.#queue[0]) {
      if (batch.length > 0 && bytes + item.text.length > MAX_WRITE) break;
      batch.push(item);
      bytes += item.text.length;
      this.#queue.shift();
    }
    this.#waiting -= bytes;
    return batch;
  }

  /** The file ends where its last whole line does; one that has none goes. */
  async #abandon(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    await file.handle.truncate(this.#offset).catch(() => undefined);
    await file.handle.close().catch(() => undefined);
    if (this.#offset === 0) await rm(file.path, { force: true }).catch(() => undefined);
  }

  /** Lines that wait for the file are lost with it, since they may rest on what was lost. */
  #giveUp(numbers: readonly (number | undefined)[], error: unknown): void {
    const because = error instanceof Error ? error.message : "the file cannot be written";
    const next = this.#queue.findIndex((item) => "opens" in item);
    const orphans = this.#queue.splice(0, next === -1 ? this.#queue.length : next);
    const texts = orphans.flatMap((item) => ("opens" in item ? [] : [item]));
    this.#waiting -= texts.reduce((sum, { text }) => sum + text.length, 0);
    if (next === -1) this.#fail();
    this.#lose([...numbers, ...texts.map(({ number }) => number)], because);
  }

  #fail(): void {
    this.#retryMs = performance.now() + this.#options.retryMs;
  }

  #lose(numbers: readonly (number | undefined)[], because: string): void {
    const chained = numbers.filter((number) => number !== undefined);
    const [first] = chained;
    if (first === undefined) return;
    const before = this.#lost;
    this.#lost = {
      from: Math.min(before?.from ?? first, first),
      to: Math.max(before?.to ?? 0, ...chained),
      lines: (before?.lines ?? 0) + chained.length,
      because: before?.because ?? because,
    };
    this.#options.onLost(chained.length, because);
  }
}

function createFile(path: string): Promise<FileHandle> {
  return open(path, "wx", 0o640);
}

async function writeAll(handle: Pick<FileHandle, "write">, bytes: Buffer, from: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, from + done);
    if (bytesWritten === 0) throw new Error("the file takes no more bytes");
    done += bytesWritten;
  }
}
