import { closeSync, fsyncSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";

import { UsageError } from "../../core/index.ts";
import {
  createLedger,
  type Ledger,
  LedgerError,
  type LedgerFile,
  newLedger,
  readLedger,
} from "../../kpi/index.ts";
import { holdFile } from "../file-lock.ts";
import { linesOf } from "../line-file.ts";
import { say } from "../terminal.ts";
import { writeOutput } from "../write-output.ts";

/** A state that this process alone writes to. */
export interface OpenState {
  readonly ledger: Ledger;
  readonly close: () => void;
}

type LedgerOf = Parameters<typeof readLedger>[1];

/** Opens the state, or makes it: the counters begin at 0 then. Throws UsageError for one that cannot be continued. */
export async function openState(file: string, of: LedgerOf, now: number): Promise<OpenState> {
  const release = holdFile(file);
  try {
    const restored = await restore(file, of);
    if (restored === undefined) say(`${file} is new: the counters begin at 0.`);
    const lines = ledgerFile(file);
    const ledger = createLedger(restored ?? newLedger(of, now), lines);
    return {
      ledger,
      close: () => {
        lines.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** The state of a running exporter, without a right to write to it. */
export async function readState(file: string, of: LedgerOf): Promise<Ledger> {
  const restored = await restore(file, of);
  if (restored === undefined) throw new UsageError(`${file} is not there, or empty`);
  return createLedger(restored, IN_MEMORY);
}

/** A state that is not kept. */
export function memoryState(of: LedgerOf): Ledger {
  return createLedger(newLedger(of, 0), IN_MEMORY);
}

const IN_MEMORY: LedgerFile = { append: () => undefined, replace: () => undefined };

async function restore(file: string, of: LedgerOf): ReturnType<typeof readLedger> {
  try {
    return await readLedger(linesOf(file), of);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    throw new UsageError(
      `${file} cannot be continued: ${error.message}. Move it away to begin at 0, or name another --state`,
    );
  }
}

function ledgerFile(file: string): LedgerFile & { readonly close: () => void } {
  let handle: number | undefined;
  let isClosed = false;
  const release = (): void => {
    if (handle !== undefined) closeSync(handle);
    handle = undefined;
  };
  return {
    close: () => {
      isClosed = true;
      release();
    },
    append(lines) {
      if (isClosed) throw new Error("the state is closed"); // a poll that is given up may still find something
      handle ??= openSync(file, "a");
      const { size } = fstatSync(handle);
      try {
        writeAll(handle, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
        fsyncSync(handle);
      } catch (error) {
        ftruncateSync(handle, size); // half a line would make the state unreadable
        throw error;
      }
    },
    replace(lines) {
      release();
      writeOutput(file, [...lines].map((line) => `${JSON.stringify(line)}\n`).join(""));
    },
  };
}

function writeAll(handle: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.byteLength;) at += writeSync(handle, bytes, at);
}
