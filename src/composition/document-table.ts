import type { Parsed, Problem } from "../core/index.ts";
import {
  type Editor,
  EMPTY_ENFORCEMENT,
  enforcementWeakenings,
  forbiddenEdits,
  parseEnforcement,
} from "../enforcement/index.ts";
import { parsePolicy, policyWeakenings } from "../policy/index.ts";
import { parseRevocations, revocationWeakenings } from "../revocations/index.ts";
import { parseWaivers, waiverWeakenings } from "../waivers/index.ts";

/** What is known of one kind of documents that people write. */
export interface DocumentKind {
  /** What rights call documents of this kind. */
  readonly resource: string;
  /** The list in it whose entries carry approvals. */
  readonly entries?: string;
  /** What is wrong with a text of it. */
  readonly lint: (text: string) => readonly Problem[];
  /** Where a text is not plainly as strict as the one before; undefined where none is known. */
  readonly weakenings: (before: string | undefined, after: string) => readonly Problem[];
  /** What no right permits to do to the texts before it, the newest first; nothing where absent. */
  readonly forbidden?: (befores: readonly string[], after: string, editor: Editor) => readonly Problem[];
  /** The gate works without one, as if it were this text. */
  readonly absent?: string;
}

/** Every kind of documents that people write. */
export const DOCUMENTS = {
  policy: {
    resource: "policies",
    lint: (text) => problemsIn(parsePolicy(text), () => []),
    weakenings: policyWeakenings,
  },
  waivers: {
    resource: "waivers",
    absent: "waivers: []\n",
    entries: "waivers",
    lint: (text) => problemsIn(parseWaivers(text), ({ problems }) => problems),
    weakenings: waiverWeakenings,
  },
  revocations: {
    resource: "revocations",
    entries: "revocations",
    lint: (text) => problemsIn(parseRevocations(text), () => []),
    weakenings: revocationWeakenings,
  },
  enforcement: {
    resource: "enforcement",
    lint: (text) => problemsIn(parseEnforcement(text), () => []),
    weakenings: enforcementWeakenings,
    forbidden: forbiddenEdits,
    absent: EMPTY_ENFORCEMENT,
  },
} as const satisfies Record<string, DocumentKind>;
export type DocumentName = keyof typeof DOCUMENTS;
/** The names of the documents. */
export const DOCUMENT_NAMES = Object.keys(DOCUMENTS) as DocumentName[];

function problemsIn<T>(parsed: Parsed<T>, within: (value: T) => readonly Problem[]): readonly Problem[] {
  return parsed.ok ? within(parsed.value) : parsed.problems;
}
