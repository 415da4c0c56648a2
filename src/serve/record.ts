import type { Logger } from "pino";

import packageFile from "../../package.json" with { type: "json" };
import type { ComposedGate, DocumentName } from "../composition/index.ts";
import type { Digest } from "../core/index.ts";
import type { Metrics } from "../metrics/index.ts";
import { openRecord, type Recorder } from "../record/index.ts";
import { podName } from "./pod-name.ts";
import { mib, type RecordSettings } from "./settings/record-settings.ts";

const QUIET_MS = 60_000;

/** What the record of a server is opened with. */
export interface ServeRecordOptions {
  readonly settings: RecordSettings;
  readonly log: Logger;
  readonly sink: { readonly write: (line: string) => void };
  readonly metrics: Pick<Metrics, "recordLost">;
}

/** Opens the decision record. Trouble with its files is logged once a minute, counted always, and stops nothing. */
export function serveRecord({ settings, log, sink, metrics }: ServeRecordOptions): Promise<Recorder> {
  const { folder, fileMib, folderMib, keep, userNames } = settings;
  const quietly = quiet();
  return openRecord({
    pod: podName(),
    pid: process.pid,
    build: packageFile.version,
    now: () => new Date(),
    namesUsers: userNames !== "never",
    sink,
    ...(folder !== undefined && {
      files: {
        folder,
        fileBytes: mib(fileMib),
        folderBytes: mib(folderMib),
        keepMs: keep,
        namesMs: userNames === "never" ? 0 : userNames,
      },
    }),
    onLost: (lines, message) => {
      metrics.recordLost(lines);
      quietly(() => log.error({ message }, "decisions are not written to files of the record"));
    },
    onProblem: (message) => log.error({ message }, "files of the record cannot be looked after"),
  });
}

function quiet(): (tell: () => void) => void {
  let told = Number.NEGATIVE_INFINITY;
  return (tell) => {
    if (performance.now() - told < QUIET_MS) return;
    told = performance.now();
    tell();
  };
}

/** The digest of a document by what was read from it. */
export function digestsOfDocuments(
  composed: Pick<ComposedGate, DocumentName>,
): (document: object) => Digest | undefined {
  const { policy, waivers, revocations, enforcement } = composed;
  const known = [policy, waivers, revocations, enforcement] as readonly {
    readonly digestOf: (value: never) => Digest | undefined;
  }[];
  return (document) => {
    for (const each of known) {
      const digest = each.digestOf(document as never);
      if (digest !== undefined) return digest;
    }
    return undefined;
  };
}
