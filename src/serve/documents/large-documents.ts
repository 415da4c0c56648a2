import { setImmediate, setTimeout } from "node:timers/promises";

import type { DocumentName } from "../../composition/index.ts";
import { asFault, Fault, type Parsed } from "../../core/index.ts";
import type { Enforcement } from "../../enforcement/index.ts";
import { type Policy, policyFrom } from "../../policy/index.ts";
import { type Revocations, revocationsFrom } from "../../revocations/index.ts";
import type { WaiverRegistry } from "../../waivers/index.ts";
import type { LargeReader } from "../reader/reader.ts";

/** Characters of a document up to which it is read in the thread that answers: what takes tens of ms. */
export const SMALL_DOCUMENT = 8 * 1024;
/** How long this thread works on a document before others have their turn, ms. */
const GO_MS = 20;
const RETRY_MS = 1000;

/** Reads documents as their parsers do, in another thread. */
export interface LargeDocuments {
  readonly policy: (text: string) => Promise<Parsed<Policy>>;
  readonly waivers: (text: string) => Promise<Parsed<WaiverRegistry>>;
  readonly revocations: (text: string) => Promise<Parsed<Revocations>>;
  readonly enforcement: (text: string) => Promise<Parsed<Enforcement>>;
  readonly beingRead: () => DocumentName[];
}

/**
 * What cannot be read because no thread can be had is tried again each second; whatever else goes wrong is a problem of the
 * document, rule `not-read`. Never rejects.
 */
export function createLargeDocuments(reader: Pick<LargeReader, "run">): LargeDocuments {
  const reading = new Set<DocumentName>();
  async function read<T>(name: DocumentName, work: () => Promise<Parsed<T>>): Promise<Parsed<T>> {
    reading.add(name);
    try {
      return await work();
    } catch (error) {
      const message = `It cannot be read: ${asFault(error).message}.`;
      return { ok: false, problems: [{ line: 1, column: 1, path: "", rule: "not-read", message }] };
    } finally {
      reading.delete(name);
    }
  }
  return {
    beingRead: () => [...reading],
    policy: (text) =>
      read("policy", async () => {
        const content = await insist(() => reader.run("policyContent", text));
        return content.ok ? { ok: true, value: await policyFrom(content.value, text, pauses()) } : content;
      }),
    waivers: (text) => read("waivers", () => insist(() => reader.run("parseWaivers", text))),
    enforcement: (text) => read("enforcement", () => insist(() => reader.run("parseEnforcement", text))),
    revocations: (text) =>
      read("revocations", async () => {
        const content = await insist(() => reader.run("revocationsContent", text));
        if (!content.ok) return content;
        return { ok: true, value: await revocationsFrom(content.value, pauses()) };
      }),
  };
}

async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Fault) || !error.retryable) throw error;
      await setTimeout(RETRY_MS, undefined, { ref: false });
    }
  }
}

/** Lets others have their turn wherever this thread has worked for a while. */
function pauses(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < GO_MS) return;
    await setImmediate();
    since = performance.now();
  };
}
