import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { digestOf } from "../../src/core/index.ts";
import { exportPacket, type ExportOptions, type ExportReport } from "../../src/evidence-packet/index.ts";
import { type DocumentInForce, openRecord, type RecordEntry } from "../../src/record/index.ts";
import { createKeySigner } from "../../src/signing/index.ts";

/** The time of the first line of these records. */
export const BEGIN = new Date("2026-11-24T08:00:00Z");
export const SINCE = new Date("2026-11-24T00:00:00Z");
export const UNTIL = new Date("2026-11-25T00:00:00Z");
const IMAGE = `registry.example/shop/web@${digestOf("web")}`;

/** What differs from an admitted pod that jane created. */
export interface Decided {
  readonly uid: string;
  readonly namespace?: string;
  readonly decision?: "allow" | "warn" | "deny";
  readonly caller?: "verified" | "unverified";
  readonly name?: string;
  readonly codes?: readonly string[];
  readonly waivers?: readonly string[];
  readonly dryRun?: boolean;
  readonly message?: string;
  readonly images?: readonly string[];
  readonly basis?: object;
  readonly user?: string;
}

/** A decision as the gate records it. */
export function decisionEntry({ user = "jane@acme.test", ...more }: Decided): RecordEntry {
  const fields = {
    namespace: "shop",
    kind: "Pod",
    name: "web",
    operation: "CREATE",
    dryRun: false,
    caller: "verified",
    decision: "allow",
    mode: "enforce",
    codes: [],
    images: [IMAGE],
    digests: [digestOf("web")],
    rules: ["app"],
    waivers: [],
    ms: 1,
    replayable: false,
    notReplayableBecause: "a test",
    ...more,
  };
  return { msg: "decision", fields, person: { key: "user", name: user } };
}

/** A document that is in force. */
export function inForce(document: DocumentInForce["document"], text: string, at = BEGIN): DocumentInForce {
  return { document, digest: digestOf(text), text, acceptedAt: at };
}

/** A folder for one test, and a record in it whose lines are a second apart. */
export class PacketWorld {
  readonly folder = mkdtempSync(join(tmpdir(), "packet-"));
  readonly record = join(this.folder, "record");

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  async write(
    entries: readonly (RecordEntry | DocumentInForce)[],
    facts: Parameters<Awaited<ReturnType<typeof openRecord>>["write"]>[1] = [],
  ): Promise<void> {
    let at = BEGIN.getTime();
    const recorder = await openRecord({
      pod: "mc-gate-1",
      pid: 1,
      build: "1.0.0",
      now: () => new Date((at += 1000)),
      namesUsers: true,
      sink: { write: () => undefined },
      files: {
        folder: this.record,
        fileBytes: 2 ** 30,
        folderBytes: 2 ** 40,
        keepMs: 2 ** 50,
        namesMs: 2 ** 50,
      },
      onLost: (_, because) => {
        throw new Error(because);
      },
      onProblem: (message) => {
        throw new Error(message);
      },
    });
    for (const entry of entries) {
      if ("msg" in entry) recorder.write(entry, facts);
      else recorder.document(entry);
    }
    await recorder.close();
  }

  export(name: string, more: Partial<ExportOptions> = {}): Promise<ExportReport> {
    return exportPacket({
      since: SINCE,
      until: UNTIL,
      record: [this.record],
      attached: [],
      tools: { "mc-gate": "1.0.0" },
      keepsUserNames: false,
      folder: this.path(name),
      ...more,
    });
  }

  /** A key that signs, and the file with its public part. */
  signer(): {
    readonly privateKey: KeyObject;
    readonly publicFile: string;
    readonly options: ExportOptions["signer"];
  } {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const publicFile = this.path("key.pub");
    writeFileSync(publicFile, publicKey.export({ format: "pem", type: "spki" }));
    const { key, sign } = createKeySigner(privateKey, {});
    return { privateKey, publicFile, options: { name: key!.fingerprint, sign } };
  }
}
