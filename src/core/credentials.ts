import type { DockerAuth } from "./docker-auth.ts";
import type { FaultCode } from "./fault-codes.ts";
import type { Advice } from "./reason-codes.ts";

/**
 * That credentials could not be read: for which registries they are is not known, and without them a registry may show
 * less. Not for credentials that do not exist.
 */
export interface UnreadCredentials {
  readonly kind: "unread";
  /** `limits/exceeded` where a limit of the gate is the cause; the others as for a registry that gives nothing. */
  readonly code: Extract<FaultCode, "registry/unavailable" | "registry/forbidden" | "limits/exceeded">;
  /** What was not read, why, and what to do about it: one clause without any secret. */
  readonly message: string;
  /** What to do, where the cause says more than the code. */
  readonly advice?: Advice;
  /** Whether they are a workload's own, as `isOfWorkload` of DockerAuth. */
  readonly isOfWorkload?: true;
}

/** One after another in the order in which they are tried: what could not be read has its place among them. */
export type Credential = DockerAuth | UnreadCredentials;
