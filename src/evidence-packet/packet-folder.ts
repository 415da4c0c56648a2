import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { finished } from "node:stream/promises";

import { UsageError } from "../core/index.ts";
import { type PacketFile, PacketPath } from "./manifest.ts";

/** A file of a packet that is being written, a piece after the other. */
export interface OpenPacketFile {
  readonly write: (text: string | Buffer) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A packet's folder while it is written: it has its name only when it is whole. */
export class PacketFolder {
  readonly folder: string;
  readonly files: Omit<PacketFile, "inPage">[] = [];
  readonly #target: string;

  private constructor(target: string) {
    this.#target = target;
    this.folder = `${target}.${randomUUID()}.unfinished`;
  }

  /** Throws UsageError where the folder is there and holds something. */
  static async begin(target: string): Promise<PacketFolder> {
    const there = await readdir(target).catch(() => []);
    if (there.length > 0)
      throw new UsageError(`${target} is there already; name another folder by --out, or remove it`);
    const folder = new PacketFolder(target);
    await mkdir(folder.folder, { recursive: true });
    return folder;
  }

  /** A file that the manifest will name. */
  async open(path: string, about: string): Promise<OpenPacketFile> {
    const name = PacketPath.parse(path);
    await mkdir(dirname(join(this.folder, name)), { recursive: true });
    const stream = createWriteStream(join(this.folder, name), { flags: "wx" });
    const ended = finished(stream);
    ended.catch(() => undefined); // heard by close
    const hash = createHash("sha256");
    let bytes = 0;
    return {
      write: async (text) => {
        const piece = typeof text === "string" ? Buffer.from(text) : text;
        hash.update(piece);
        bytes += piece.length;
        await written(stream, piece, ended);
      },
      close: async () => {
        stream.end();
        await ended;
        this.files.push({ path: name, bytes, sha256: hash.digest("hex"), about });
      },
    };
  }

  /** A whole file that the manifest will name. */
  async add(path: string, text: string | Buffer, about: string): Promise<void> {
    const file = await this.open(path, about);
    await file.write(text);
    await file.close();
  }

  /** The packet is whole. */
  async finish(): Promise<void> {
    await mkdir(dirname(this.#target), { recursive: true });
    await rmdir(this.#target).catch(() => undefined); // rename replaces no folder that holds something
    await rename(this.folder, this.#target);
  }

  async discard(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function written(stream: WriteStream, piece: Buffer, ended: Promise<void>): Promise<void> {
  if (stream.write(piece)) return;
  await Promise.race([once(stream, "drain"), ended]);
}
