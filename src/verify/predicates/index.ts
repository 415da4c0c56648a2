import {
  type Attestation,
  type Digest,
  PREDICATE_TYPES,
  predicateFamily,
  printable,
} from "../../core/index.ts";
import type { JsonObject } from "../json.ts";
import { asRejected, Rejected } from "../rejected.ts";
import { readProvenance } from "./provenance/index.ts";
import { readCycloneDx, readSpdx } from "./sbom.ts";
import { readScan } from "./scan.ts";
import { readResult, readSummary } from "./summary.ts";
import { readVex } from "./vex.ts";

const MAX_REASON = 200;
const MAX_PREDICATE_TEXT = 64 * 1024;

/** What is kept of a predicate. */
export type Extract = Pick<Attestation, "provenance" | "sbom" | "scan" | "vex" | "summary" | "unreadable">;

/** A predicate, and what its statement is about. */
export interface StatementContent {
  readonly predicateType: string;
  readonly predicate: JsonObject;
  readonly subject: Digest;
  /** What the signed statement calls that digest; without a name nothing signed says where it belongs. */
  readonly subjectNames?: readonly string[];
}

type Reader = (
  predicate: JsonObject,
  about: Omit<StatementContent, "predicate" | "predicateType">,
) => Extract;

const scan: Reader = (predicate) => ({ scan: readScan(predicate) });

/** Readers by predicate type or family. To add one, add a file next to this one and a line here. */
const READERS: Readonly<Record<string, Reader>> = {
  [PREDICATE_TYPES.provenanceV1]: readBuild(PREDICATE_TYPES.provenanceV1),
  [PREDICATE_TYPES.provenanceV02]: readBuild(PREDICATE_TYPES.provenanceV02),
  [PREDICATE_TYPES.spdx]: (predicate) => ({ sbom: readSpdx(predicate) }),
  [PREDICATE_TYPES.cyclonedx]: (predicate) => ({ sbom: readCycloneDx(predicate) }),
  [PREDICATE_TYPES.cosignVuln]: scan,
  [PREDICATE_TYPES.vulnsV01]: scan,
  [PREDICATE_TYPES.vulnsV02]: scan,
  [PREDICATE_TYPES.openVex]: (predicate, about) => ({ vex: readVex(predicate, about) }),
  [PREDICATE_TYPES.summaryV1]: (predicate) => ({ summary: readSummary(predicate) }),
  [PREDICATE_TYPES.resultV02]: (predicate, { subjectNames }) => ({
    summary: readResult(predicate, subjectNames),
  }),
};

/**
 * What the gates read in a predicate. One that cannot be read says why, and is never "nothing found". Throws Rejected
 * `too-large` where it is past a limit of the gate's: then it is not known what it says.
 */
export function extractOf({ predicateType, predicate, ...about }: StatementContent): Extract {
  const exact = Object.hasOwn(READERS, predicateType) ? predicateType : predicateFamily(predicateType);
  if (!Object.hasOwn(READERS, exact)) return {};
  try {
    return READERS[exact]!(predicate, about);
  } catch (error) {
    const { reason, message } = asRejected(error, "malformed");
    if (reason === "too-large") throw new Rejected(reason, `its predicate is past a limit: ${message}`);
    return { unreadable: printable(message, MAX_REASON) };
  }
}

/** The predicate as JSON text; undefined where it is longer than 65,536 characters. */
export function predicateTextOf(predicate: JsonObject): string | undefined {
  const text = JSON.stringify(predicate);
  return text.length <= MAX_PREDICATE_TEXT ? text : undefined;
}

function readBuild(predicateType: string): Reader {
  return (predicate) => ({ provenance: readProvenance(predicateType, predicate) });
}
