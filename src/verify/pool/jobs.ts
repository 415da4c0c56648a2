import type { Attachment, TrustSnapshot } from "../../core/index.ts";
import type { About, Outcome } from "../verify-attachment.ts";

/** Work for a worker thread. The snapshot comes along only where the worker has not seen its generation. */
export interface Job {
  readonly id: number;
  readonly attachment: Attachment;
  readonly about: About;
  readonly generation: string;
  readonly trust?: TrustSnapshot;
}

/** A worker's answer: an outcome, or why the snapshot could not be used. */
export type Answer =
  | { readonly id: number; readonly outcome: Outcome }
  | { readonly id: number; readonly unusable: string };
