import type { Digest } from "./digest.ts";
import { type FaultCode, FAULTS } from "./fault-codes.ts";
import type { Fault } from "./fault.ts";
import type { Lack } from "./lack.ts";
import { type Advice, type FindingCode, FINDINGS } from "./reason-codes.ts";

/** One image, and where in the object it is. */
export interface Subject {
  /** The reference as written in the object, unparsed. */
  readonly image: string;
  /** Where it is, for people: `container "web"`, `init container "migrate"`, `image volume "models"`. */
  readonly place: string;
  /**
   * What to do where it is refused for its tag, if the object says more than the code does: who injected it, or who was to.
   * Anyone can make an object say so: it changes what people are advised to do, and never a verdict.
   */
  readonly advice?: string;
}

/** The image fails a gate. Data with a closed code; may be waived. */
export interface Finding {
  readonly kind: "finding";
  readonly code: FindingCode;
  readonly subject: Subject;
  /** Absent only where no digest is known (invalid or unresolvable reference). */
  readonly digest?: Digest;
  /** The rule that asked, where one did. */
  readonly rule?: string;
  /** What it is about, where a gate finds several things at once: vulnerability ids. */
  readonly ids?: readonly string[];
  /** What was looked for and what was found: one clause, no line breaks, at most 600 characters. Authorities by name. */
  readonly message: string;
  /** The message in parts, where other findings may say the same of other things. */
  readonly lack?: Lack;
  /** Who the names in the message are: a certificate's identity, or a key by its first digits. */
  readonly signers?: Readonly<Record<string, string>>;
  /** What to do, where the cause says more than the code. */
  readonly advice?: Advice;
  /** Set where another finding of the same image says why: that one is reported, and this one only counted. */
  readonly isConsequence?: true;
}

/** A fault as part of a verdict. */
export interface FaultNotice {
  readonly kind: "fault";
  readonly code: FaultCode;
  readonly subject?: Subject;
  /** The rule and the gate that could not be decided, where it is about one. */
  readonly rule?: string;
  readonly gate?: string;
  /** What could not be known, one clause; no secrets, no line breaks. */
  readonly message: string;
  /** What to do, where the cause says more than the code. */
  readonly advice?: Advice;
}

/** Either kind of "no". */
export type Objection = Finding | FaultNotice;

/** The gate's name in a code: the part before the slash. Waiver classes are gate names. */
export function gateOf(code: FindingCode | FaultCode): string {
  return code.slice(0, code.indexOf("/"));
}

/** Characters of an admission warning that Kubernetes asks for at most. Source: Kubernetes docs, "Dynamic Admission Control", Response. */
export const MAX_WARNING = 120;

/** Text from outside made fit for a message: printable ASCII only, at most `most` characters. */
export function printable(text: string, most: number): string {
  const clean = text.slice(0, most + 1).replace(/[^\x20-\x7e]/g, "?");
  return clean.length > most ? `${clean.slice(0, most - 3)}...` : clean;
}

/** What the reader of an objection does now: by its cause where that is known, else by its code or what its subject advises. */
export function adviceFor({ kind, code, subject, advice }: Objection): Advice {
  if (advice !== undefined) return advice;
  if (kind === "fault") return FAULTS[code];
  const usual = FINDINGS[code];
  return code === "reference/unpinned" && subject.advice !== undefined
    ? { fix: subject.advice, brief: "Correct it where it is injected." }
    : usual;
}

/** Whether the same request may pass later with nothing changed. */
export function mayPassLater({ kind, code }: Objection): boolean {
  return kind === "fault" && FAULTS[code].retry;
}

/** The sentences of `adviceFor`. */
export function fixOf(objection: Objection): string {
  return adviceFor(objection).fix;
}

/** A fault as part of a verdict, about a subject where one is given. */
export function noticeOf(
  { code, message, advice }: Pick<Fault, "code" | "message" | "advice">,
  subject?: Subject,
): FaultNotice {
  return {
    kind: "fault",
    code,
    message,
    ...(subject !== undefined && { subject }),
    ...(advice !== undefined && { advice }),
  };
}
