import type { z } from "zod";

import type { Advice, Evidence, FindingCode, ImageRef, Lack, PublicKey } from "../../core/index.ts";
import type { Authority } from "../authorities.ts";

/** The policy that asks. */
export interface AskingPolicy {
  /** Digest of its text. */
  readonly digest: string;
  /** Whether what it asks depends on the namespace. */
  readonly isNamespaced: boolean;
}

/** What a gate judges with in addition to its settings. */
export interface GateContext {
  readonly image: ImageRef;
  /** Where the image is to run. */
  readonly namespace: string;
  readonly policy: AskingPolicy;
  readonly evidence: Evidence;
  readonly authorities: ReadonlyMap<string, Authority>;
  readonly keys: readonly PublicKey[];
  readonly now: Date;
}

/** One objection of a gate: its code, and one clause on what was looked for and what was found. */
export interface GateObjection {
  readonly code: FindingCode;
  readonly message: string;
  /** The message in parts, where other gates may say the same of other things. */
  readonly lack?: Lack;
  /** What to do, where the cause says more than the code. */
  readonly advice?: Advice;
  /** What exactly it is about, where a gate objects to several things of one kind: the id of a vulnerability. */
  readonly ids?: readonly string[];
}

/** What one piece of evidence lacks. */
export interface Miss extends GateObjection {
  /** How far the evidence came: the nearest miss is the one worth telling. */
  readonly nearness: number;
}

/** An authority that settings refer to, and where below them. */
export interface AuthorityUse {
  readonly name: string;
  /** How many of the authorities next to it, itself included, must have signed, by as many distinct signers. */
  readonly least: number;
  readonly path: readonly (string | number)[];
}

/** Whether checkpoints of running containers may run. */
export type CheckpointSetting = "refused" | "allowed";

/** What a rule asks through one gate: the gate with its settings compiled in. */
export interface Requirement {
  readonly gate: string;
  /** False where the reference alone is checked: then no registry is needed. */
  readonly needsEvidence: boolean;
  /** See GateDefinition. */
  readonly needsAllEvidence: boolean;
  /** Predicate types that it reads; what carries another one need not be fetched for it. */
  readonly predicateTypes: readonly string[];
  /** Predicate types whose text it reads. */
  readonly predicateTexts: readonly string[];
  readonly authorities: readonly AuthorityUse[];
  /** What it says of checkpoints of running containers; undefined where it says nothing. */
  readonly checkpoints: CheckpointSetting | undefined;
  /** What the image lacks; nothing where it passes. */
  readonly objections: (context: GateContext) => readonly GateObjection[];
}

/** One line of the table of gates. Its name is the first part of its codes, and a key under `require`. */
export interface Gate {
  readonly name: string;
  readonly summary: string;
  /** Reads the gate's settings, and compiles them. */
  readonly requirement: z.ZodType<Requirement>;
}

/** What the file of a gate states. */
export interface GateDefinition<Settings extends z.ZodType> {
  readonly name: string;
  readonly summary: string;
  readonly settings: Settings;
  readonly needsEvidence: boolean;
  /**
   * Whether more evidence can turn a pass into an objection, as a newer scan or an older copy does: then everything that
   * there is must be read before anything passes. Where not, what has passed by a part of the evidence passes by all of it.
   */
  readonly needsAllEvidence: (settings: z.output<Settings>) => boolean;
  /** Predicate types and families that it reads. */
  readonly predicateTypes: (settings: z.output<Settings>) => readonly string[];
  /** Predicate types whose text it reads; none where absent. */
  readonly predicateTexts?: (settings: z.output<Settings>) => readonly string[];
  readonly authorities: (settings: z.output<Settings>) => readonly AuthorityUse[];
  readonly checkpoints?: (settings: z.output<Settings>) => CheckpointSetting | undefined;
  readonly objections: (settings: z.output<Settings>, context: GateContext) => readonly GateObjection[];
}

/** A line for the table, made of what a gate's file states. */
export function defineGate<Settings extends z.ZodType>(definition: GateDefinition<Settings>): Gate {
  const { name, summary, settings, needsEvidence, objections } = definition;
  const requirement = settings.transform((read): Requirement => ({
    gate: name,
    needsEvidence,
    needsAllEvidence: definition.needsAllEvidence(read),
    predicateTypes: definition.predicateTypes(read),
    predicateTexts: definition.predicateTexts?.(read) ?? [],
    authorities: definition.authorities(read),
    checkpoints: definition.checkpoints?.(read),
    objections: (context) => objections(read, context),
  }));
  return { name, summary, requirement };
}
