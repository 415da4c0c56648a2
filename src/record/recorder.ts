import { type FoundEnd, findChainEnd } from "./chain-end.ts";
import { type ChainEnd, type Chain, createChain, type RecordEntry } from "./chain.ts";
import { documentFact, type Fact } from "./facts.ts";
import { recordFileName } from "./file-name.ts";
import { RecordFiles } from "./record-files.ts";
import { type RemovedFile, tidyRecord } from "./retention.ts";

const DAY_MS = 86_400_000;
/** How often old files are looked for, ms. */
const TIDY_MS = 3_600_000;

/** Where files of the record are, and for how long. */
export interface RecordFolder {
  readonly folder: string;
  readonly fileBytes: number;
  /** Of all files of the folder. */
  readonly folderBytes: number;
  readonly keepMs: number;
  /** For how long files name users. */
  readonly namesMs: number;
}

/** What a recorder writes to, and who hears of trouble. */
export interface RecorderOptions {
  /** The replica: the name of its pod. */
  readonly pod: string;
  readonly pid: number;
  /** Version of the gate. */
  readonly build: string;
  readonly now: () => Date;
  /** Whether names of users are written, here and in files. */
  readonly namesUsers: boolean;
  /** Takes each line of the chain, with its line break. */
  readonly sink: { readonly write: (line: string) => void };
  /** Files in addition, with the facts that decisions rest on. */
  readonly files?: RecordFolder | undefined;
  /** Called with the number of lines that are in no file. */
  readonly onLost: (lines: number, because: string) => void;
  /** Called where old files cannot be looked after. */
  readonly onProblem: (message: string) => void;
}

/** A text that is in force. */
export interface DocumentInForce {
  readonly document: "policy" | "waivers" | "revocations" | "enforcement";
  readonly digest: string;
  readonly text: string;
  readonly acceptedAt: Date;
}

/** Writes the decision record. Nothing of it ever throws or waits. */
export interface Recorder {
  /** Writes a line, and the facts that it rests on to files. */
  readonly write: (entry: RecordEntry, facts?: readonly Fact[]) => void;
  /** A text has come into force. */
  readonly document: (document: DocumentInForce) => void;
  /** Why no decision can be judged again from this record; undefined where they can. */
  readonly unkept: string | undefined;
  /** Waits for what is being written to files. */
  readonly close: () => Promise<void>;
}

/** A record whose chain begins, or continues where the pod's newest file ends. */
export async function openRecord(options: RecorderOptions): Promise<Recorder> {
  const pod = options.pod.replace(/[^A-Za-z0-9.-]/g, "-").slice(0, 253) || "unnamed";
  const found = options.files === undefined ? {} : await findChainEnd(options.files.folder, pod);
  return new FileRecorder({ ...options, pod }, found);
}

class FileRecorder implements Recorder {
  readonly #options: RecorderOptions;
  readonly #chain: Chain;
  readonly #files: RecordFiles | undefined;
  readonly #kept = new Set<string>();
  readonly #inForce = new Map<string, DocumentInForce>();
  #next: number;
  #current: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #tidying: Promise<void> | undefined;

  constructor(options: RecorderOptions, found: FoundEnd) {
    this.#options = options;
    this.#chain = createChain({ ...options, after: found.after });
    this.#next = (found.after?.number ?? 0) + 1;
    const { files, onLost } = options;
    if (files !== undefined) this.#files = new RecordFiles({ ...files, fileMs: DAY_MS, onLost });
    this.#begin(whyOf(found.after), found);
    if (files !== undefined) this.#timer = setInterval(() => this.#tidy(), TIDY_MS).unref();
  }

  get unkept(): string | undefined {
    return this.#files === undefined
      ? "facts are kept in files alone, and the setting record.folder names none"
      : undefined;
  }

  write = (entry: RecordEntry, facts: readonly Fact[] = []): void => {
    if (this.#files?.isDue === true) this.#begin("rotation");
    this.#append(entry, facts);
  };

  document = (document: DocumentInForce): void => {
    this.#inForce.set(document.document, document);
    if (this.#files?.isDue === true) return this.#begin("rotation");
    this.#writeDocument(document);
  };

  close = async (): Promise<void> => {
    clearInterval(this.#timer);
    await this.#tidying;
    await this.#files?.close();
  };

  #begin(why: "start" | "restart" | "rotation", { torn, notContinued }: FoundEnd = {}): void {
    const { build } = this.#options;
    const lost = this.#files?.lost;
    this.#kept.clear();
    this.#current = this.#files && recordFileName(this.#chain.name, this.#next);
    if (this.#current !== undefined) this.#files?.begin(this.#current);
    const fields = { why, build, file: this.#current, torn, notContinued, lost };
    this.#append({ msg: "record begins", fields }, []);
    for (const document of this.#inForce.values()) this.#writeDocument(document);
    this.#tidy();
  }

  #writeDocument({ document, digest, text, acceptedAt }: DocumentInForce): void {
    const fact = documentFact(document, text);
    const fields = { document, digest, facts: fact.digest, acceptedAt: acceptedAt.toISOString() };
    this.#append({ msg: "document", fields }, [fact]);
  }

  #append(entry: RecordEntry, facts: readonly Fact[]): void {
    const line = this.#chain.next(entry);
    this.#next = line.number + 1;
    this.#options.sink.write(`${line.text}\n`);
    if (this.#files === undefined) return;
    for (const fact of facts) {
      if (this.#kept.has(fact.digest)) continue;
      this.#kept.add(fact.digest);
      this.#files.write(
        `{"msg":"facts","type":"${fact.type}","digest":"${fact.digest}","value":${fact.text()}}\n`,
      );
    }
    this.#files.write(`${line.text}\n`, line.number);
  }

  /** Looks after old files, one time after the other. */
  #tidy(): void {
    const { files, now, onProblem } = this.#options;
    if (files === undefined || this.#tidying !== undefined) return;
    const { folder, keepMs, namesMs, folderBytes: maxBytes } = files;
    this.#tidying = tidyRecord({ folder, current: this.#current, keepMs, namesMs, maxBytes, now })
      .then((removed) => removed.forEach((each) => this.#tellRemoved(each)))
      .catch((error: unknown) => onProblem(error instanceof Error ? error.message : "an unknown error"))
      .finally(() => {
        this.#tidying = undefined;
      });
  }

  #tellRemoved({ file, bytes, because }: RemovedFile): void {
    this.write({ msg: "record removed", fields: { file, bytes, because } });
  }
}

function whyOf(after: ChainEnd | undefined): "start" | "restart" {
  return after === undefined ? "start" : "restart";
}
