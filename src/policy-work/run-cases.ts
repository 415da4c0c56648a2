import {
  type Attachments,
  type Digest,
  digestOf,
  type Evidence,
  formatImageRef,
  type ImageRef,
  parseImageRef,
  type Parsed,
  printable,
  type Problem,
  repositoryName,
  type Verdict,
} from "../core/index.ts";
import { readDocument, readPlain } from "../documents/index.ts";
import { createGate, DEFAULT_LIMITS } from "../gate/index.ts";
import { describedKeys, type Policy, type SignerOf } from "../policy/index.ts";
import type { Revocations } from "../revocations/index.ts";
import { NO_WAIVERS, parseWaivers, type WaiverRegistry } from "../waivers/index.ts";
import { CasesDocument, type PolicyCase } from "./cases-document.ts";
import { describedEvidence, unknownSigners } from "./described-evidence.ts";

/** What cases are judged by. */
export interface TestedDocuments {
  readonly policy: Policy;
  readonly signerOf: SignerOf;
  readonly waivers: WaiverRegistry;
  readonly revocations: Revocations;
}

/** What a case expects, or how it ended: each list in order. */
export interface CaseOutcome {
  readonly decision: PolicyCase["expect"]["decision"];
  readonly codes: readonly string[];
  readonly waived: readonly string[];
}

/** One case that is ready to run. */
export interface ReadyCase {
  readonly name: string;
  /** The line of its document, from 1. */
  readonly line: number;
  readonly written: PolicyCase;
  readonly image: ImageRef;
  readonly now: Date;
  readonly waivers: WaiverRegistry | undefined;
}

/** A case that was run. */
export interface CaseResult {
  readonly name: string;
  readonly line: number;
  readonly expected: CaseOutcome;
  readonly actual: CaseOutcome;
  readonly isAsExpected: boolean;
  /** Why it is not allowed, one clause for each objection. */
  readonly messages: readonly string[];
}

/** Reads a document of cases for a policy. Every problem has its line, those with signers and waivers, too. */
export function readCases(text: string, signerOf: SignerOf): Parsed<readonly ReadyCase[]> {
  const read = readDocument(text, CasesDocument);
  if (!read.ok) return read;
  const plain = readPlain(text);
  if (!plain.ok) return plain;
  const { placeOf } = plain.value;
  const { cases, time } = read.value;
  const prepared = cases.map((written, at) => {
    const { line } = placeOf(["cases", at]);
    const now = (written.time ?? time)!;
    return prepare(written, { line, now, signerOf });
  });
  const problems = prepared.flatMap(({ broken }, at) =>
    broken.map(({ path, rule, message }): Problem => {
      const whole = ["cases", at, ...path];
      const words = { path: printable(whole.join("."), 200), rule, message: printable(message, 300) };
      return { ...placeOf(whole), ...words };
    }),
  );
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: prepared.flatMap(({ ready }) => ready ?? []) };
}

interface Broken {
  readonly path: readonly (string | number)[];
  readonly rule: string;
  readonly message: string;
}

interface Prepared {
  readonly ready?: ReadyCase;
  /** Empty where it is ready. */
  readonly broken: readonly Broken[];
}

/** What no field of a case can check alone. */
function prepare(
  written: PolicyCase,
  { signerOf, ...place }: Pick<ReadyCase, "line" | "now"> & { readonly signerOf: SignerOf },
): Prepared {
  const image = imageOf(written.image);
  const waivers = waiversOf(written.waivers);
  const signers = unknownSigners(written.facts, signerOf).map(({ path, why }) => ({
    path: ["facts", ...path],
    rule: "unknown-signer",
    message: `No such signer: ${why}.`,
  }));
  const broken = [
    ...signers,
    ...waivers.problems.map((message) => ({ path: ["waivers"], rule: "bad-waiver", message })),
  ];
  if (image === undefined)
    return {
      broken: [...broken, { path: ["image"], rule: "bad-image", message: "It is not an image reference." }],
    };
  if (broken.length > 0) return { broken };
  return { broken, ready: { ...place, name: written.name, written, image, waivers: waivers.registry } };
}

/** Asks the gate itself about each case, with evidence that its facts describe, and compares. Throws where a limit is hit. */
export async function runCases(
  cases: readonly ReadyCase[],
  documents: TestedDocuments,
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const each of cases) results.push(await runCase(each, documents));
  return results;
}

async function runCase(ready: ReadyCase, documents: TestedDocuments): Promise<CaseResult> {
  const { name, line, written } = ready;
  const verdict = await verdictOn(ready, documents);
  const expected = outcome(written.expect.decision, written.expect.codes, written.expect.waived);
  const actual = outcome(
    decisionOf(verdict),
    verdict.objections.map(({ code }) => code),
    verdict.waived.map(({ waiver }) => waiver.id),
  );
  return {
    name,
    line,
    expected,
    actual,
    isAsExpected: JSON.stringify(expected) === JSON.stringify(actual),
    messages: verdict.objections.map(({ code, message }) => `${message} [${code}]`),
  };
}

/** A name without tag and digest gets a digest that is made of it. */
function imageOf(text: string): ImageRef | undefined {
  const parsed = parseImageRef(text);
  if (!parsed.ok) return undefined;
  const { ref } = parsed;
  const isBare = ref.digest === undefined && !text.slice(text.lastIndexOf("/") + 1).includes(":");
  return isBare ? { registry: ref.registry, repository: ref.repository, digest: digestOf(text) } : ref;
}

function waiversOf(entries: readonly unknown[] | undefined): {
  readonly registry: WaiverRegistry | undefined;
  readonly problems: readonly string[];
} {
  if (entries === undefined) return { registry: undefined, problems: [] };
  if (entries.length === 0) return { registry: NO_WAIVERS, problems: [] };
  const parsed = parseWaivers(JSON.stringify({ waivers: entries }));
  const problems = parsed.ok ? parsed.value.problems : parsed.problems;
  return {
    registry: parsed.ok ? parsed.value : undefined,
    problems: problems.map(({ path, message }) => `${path}: ${message}`),
  };
}

function verdictOn(
  { written, image, now, waivers }: ReadyCase,
  { policy, signerOf, revocations, ...documents }: TestedDocuments,
): Promise<Verdict> {
  const { namespace, mode, facts } = written;
  const digest = image.digest ?? digestOf(written.image);
  const repository = repositoryName(image);
  const evidence = describedEvidence({ facts, subject: digest, repository, signerOf, now });
  const gate = createGate({
    registry: {
      resolve: () => Promise.resolve(digest),
      contents: () => Promise.resolve({ digests: [digest], parts: [], absent: [], checkpoint: undefined }),
      attachments: (asked) => Promise.resolve(nothingIn(asked.digest)),
    },
    verify: (attachments) => Promise.resolve(evidenceFor(attachments, evidence)),
    trust: () => ({ generation: "described", roots: [], keys: describedKeys(policy) }),
    policy: () => policy,
    waivers: () => waivers ?? documents.waivers,
    revocations: () => revocations,
    now: () => now,
    observer: { phase: () => undefined, cache: () => undefined, waiting: () => undefined },
    limits: { ...DEFAULT_LIMITS, cacheEntries: 1 }, // a case is about one image
  });
  const signal = new AbortController().signal;
  const subjects = [{ image: formatImageRef(image), place: "the case" }];
  return gate.admit({ namespace, mode: () => mode, subjects, access: {}, signal });
}

function nothingIn(subject: Digest): Attachments {
  return { subject, found: [], skipped: [], gaps: [], searched: [], wantedCredentials: () => false };
}

/** Approvals of waivers are attachments of their own: a case describes none, so that none is signed. */
function evidenceFor({ subject }: Attachments, evidence: Evidence): Evidence {
  return subject === evidence.subject ? evidence : { ...evidence, subject, signatures: [], attestations: [] };
}

function decisionOf({ decision, objections }: Verdict): CaseOutcome["decision"] {
  if (decision === "allow") return "allowed";
  if (decision === "warn") return "warning";
  return objections.some(({ kind }) => kind === "finding") ? "refused" : "unknown";
}

function outcome(
  decision: CaseOutcome["decision"],
  codes: readonly string[],
  waived: readonly string[],
): CaseOutcome {
  return { decision, codes: [...new Set(codes)].toSorted(), waived: [...new Set(waived)].toSorted() };
}
