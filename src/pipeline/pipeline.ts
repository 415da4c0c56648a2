/** A check of an image that a stage runs, by the name of the gate that asks for the same in the cluster. */
export type Check = "tests" | "lint" | "vulnerability" | "sbom" | "signature" | "provenance" | "policy";

/** Whether a check that fails fails its stage. */
export type CheckMode = "enforce" | "advisory";

/** What a stage leaves behind, or does to the outside world. */
export type Product =
  | "image"
  | "signature"
  | "sbom"
  | "provenance"
  | "attestation"
  | "artifact"
  | "package"
  | "deployment"
  | "release";

/** What the steps of a stage do, as far as it can be read from them. */
export interface Activity {
  readonly checks: ReadonlyMap<Check, CheckMode>;
  readonly products: ReadonlySet<Product>;
  /** What cannot be taken back: something is pushed, signed, deployed or published. */
  readonly releases: ReadonlySet<Product>;
  /** Signs with the identity of the workflow. */
  readonly signsKeyless: boolean;
}

/** When a stage runs. */
export type RunsWhen =
  | { readonly kind: "success" }
  /** Regardless of what failed before, judging the results of these stages by itself. */
  | { readonly kind: "anyway"; readonly judges: readonly string[] }
  | { readonly kind: "never" };

/** Who would sign what a stage signs. */
export interface SigningIdentity {
  readonly issuer: string;
  readonly identity: string;
}

/** One stage of a pipeline: a stage of ours, or a job of a workflow. */
export interface Stage {
  /** Unique in its pipeline; a job of a called workflow is `caller / job`. */
  readonly id: string;
  /** What runs call it, where that is not its id. */
  readonly title: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Ids of stages of the same pipeline. */
  readonly needs: readonly string[];
  readonly runs: RunsWhen;
  /** As it is written; undefined where there is none. */
  readonly condition: string | undefined;
  /** How often it runs side by side; undefined where that is known only at run time. */
  readonly copies: number | undefined;
  readonly environment: string | undefined;
  /** A failure of the stage does not fail the pipeline. */
  readonly mayFail: boolean;
  readonly activity: Activity;
  readonly signer: SigningIdentity | undefined;
}

/** How sure a notice is: something is wrong, something could not be read, or something to know. */
export type Level = "wrong" | "unknown" | "note";

/** Something to say about a pipeline. */
export interface Notice {
  readonly level: Level;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Stable name of the rule, kebab-case. */
  readonly rule: string;
  /** The stage that it is about; undefined for the whole pipeline. */
  readonly stage: string | undefined;
  readonly message: string;
}

/** A pipeline as it was read. */
export interface Pipeline {
  readonly name: string;
  readonly file: string;
  readonly kind: "build-pipeline" | "github-workflow";
  /** What starts it, such as `push`. */
  readonly triggers: readonly string[];
  readonly stages: readonly Stage[];
  readonly notices: readonly Notice[];
}

/** A pipeline could not be read at all, or it was. */
export type ReadPipeline =
  | { readonly ok: true; readonly pipeline: Pipeline }
  | { readonly ok: false; readonly notices: readonly Notice[] };

/** Most stages of one pipeline: GitHub runs no more jobs of one workflow than 256 per matrix. */
export const MAX_STAGES = 2000;
