import { asFault, type Fault, parseJsonFields, printable } from "../core/index.ts";
import type { WorkloadPath } from "../workloads/index.ts";
import { type NewImages, newImages } from "./change.ts";
import type { DecisionRecord } from "./ports.ts";
import { type AdmissionRequest, readReview } from "./review.ts";

/** A fault as a plain value. */
type FaultValue = Pick<Fault, "code" | "message">;

/** What a review asks, and nothing of its size: plain values, which can be read in another thread. */
export type WorkloadReview =
  | {
      readonly isReview: true;
      /** As it was asked; that in `about` is made fit for a log. */
      readonly uid: string;
      readonly namespace: string;
      readonly about: Omit<DecisionRecord, "caller" | "verdict" | "seconds">;
      /** The images that it brings in, or why they are not known. */
      readonly images: NewImages | FaultValue;
    }
  | { readonly isReview: false; readonly uid: string | undefined; readonly fault: FaultValue };

/** Reads a review of a workload. Never throws. */
export function readWorkload(bytes: Uint8Array, workloads: readonly WorkloadPath[]): WorkloadReview {
  const read = readReview(bytes, parseJsonFields);
  if (!read.ok) return { isReview: false, uid: read.uid, fault: valueOf(read.fault) };
  const { uid, namespace } = read.request;
  const about = aboutOf(read.request);
  try {
    return { isReview: true, uid, namespace, about, images: newImages(read.request, workloads) };
  } catch (error) {
    return { isReview: true, uid, namespace, about, images: valueOf(asFault(error)) };
  }
}

function valueOf({ code, message }: Fault): FaultValue {
  return { code, message };
}

function aboutOf({
  uid,
  namespace,
  kind,
  name,
  userInfo,
  operation,
  dryRun,
}: AdmissionRequest): Omit<DecisionRecord, "caller" | "verdict" | "seconds"> {
  return {
    uid: printable(uid, 128),
    namespace: printable(namespace, 63),
    kind: printable(kind.group === "" ? kind.kind : `${kind.group}/${kind.kind}`, 120),
    name: printable(name, 253),
    user: printable(userInfo.username, 253),
    operation,
    dryRun: dryRun === true,
  };
}
