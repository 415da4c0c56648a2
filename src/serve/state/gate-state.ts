import { z } from "zod";

import { DOCUMENT_NAMES, type DocumentName } from "../../composition/index.ts";
import { Digest } from "../../core/index.ts";

const Name = z.string().min(1).max(253);

const Source = z.object({
  /** The ConfigMap and the key in it that it is followed from; absent where it comes from a file. */
  configMap: Name.optional(),
  key: Name.optional(),
});

/** What one replica has of one document. */
const DocumentState = Source.extend({
  /** Of the text in force; absent where none is. */
  digest: Digest.optional(),
  /** How many texts this process has put in force; 0 where none is. A higher one is newer, within one process. */
  generation: z.int().min(0),
  /** When the text in force was accepted, RFC 3339. */
  acceptedAt: z.string().max(64).optional(),
  /** What is wrong with the newest text; while it is not 0, an older one may be in force. */
  problems: z.int().min(0),
});

/** What one replica decides by: the answer of `GET /v1/state`. */
export const GateState = z.object({
  version: z.literal(1),
  /** The version of the gate. */
  build: z.string().min(1).max(128),
  /** The host name, which is the pod's name in a cluster. */
  instance: z.string().max(253),
  settings: Source.extend({ digest: Digest }),
  /** Ids of the switches in force by this replica's own clock. */
  switches: z.array(z.string().max(64)).max(256),
  documents: z.record(z.enum(DOCUMENT_NAMES as [DocumentName, ...DocumentName[]]), DocumentState),
});
/** See the schema of the same name. */
export type GateState = z.infer<typeof GateState>;

/** The texts that a replica has in force. */
export type StateText = DocumentName | "settings";

/** The names of these texts. */
export const STATE_TEXTS: readonly StateText[] = [...DOCUMENT_NAMES, "settings"];

/** The texts that files have, too: what is switched off is written by a command, and no file asks for it. */
export type FiledText = Exclude<StateText, "enforcement">;
/** The names of these texts. */
export const FILED_TEXTS: readonly FiledText[] = STATE_TEXTS.filter((name) => name !== "enforcement");

/** Where a comparison of the state with files can differ. */
export const DRIFT_PARTS = [...FILED_TEXTS, "webhooks"] as const;
/** See DRIFT_PARTS. */
export type DriftPart = (typeof DRIFT_PARTS)[number];

const Count = z.int().min(0).max(1_000_000);

/** What such a comparison came to: the body of `PUT /v1/state/drift`. */
export const DriftCounts = z.strictObject({
  version: z.literal(1),
  /** Differences by part; a part that was not compared is absent. */
  differences: z.partialRecord(z.enum(DRIFT_PARTS), Count),
  /** What could not be compared. */
  unknown: Count,
});
/** See the schema of the same name. */
export type DriftCounts = z.infer<typeof DriftCounts>;
