import { asFault, Fault, hasAtMost, type PartPath, withParts } from "../core/index.ts";
import { type AdmissionRequest, readHead, readReview, type ReadReview } from "./review.ts";

/** Bytes above which a review is read in another thread: anyone who writes an object chooses what reading it costs. */
export const LARGE_REVIEW = 256 * 1024;
/** Values in the parts of both objects that are read. */
const MAX_VALUES = 50_000;

/** A request with the parts of its objects that are read, or why there is none: plain values, which can be copied between threads. */
export type ReviewParts =
  | { readonly ok: true; readonly request: AdmissionRequest }
  | {
      readonly ok: false;
      readonly uid: string | undefined;
      readonly fault: Pick<Fault, "code" | "message">;
    };

/** Reads a review, and keeps these parts of its objects. Never throws. */
export function readReviewParts(bytes: Uint8Array, parts: readonly PartPath[]): ReviewParts {
  const read = readReview(bytes);
  if (!read.ok) {
    const { code, message } = read.fault;
    return { ok: false, uid: read.uid, fault: { code, message } };
  }
  const { request } = read;
  const [object, oldObject] = [request.object, request.oldObject].map((each) => withParts(each, parts));
  if (hasAtMost([object, oldObject], MAX_VALUES))
    return { ok: true, request: { ...request, object, oldObject } };
  const message = `the review cannot be read: its relevant parts have more than ${MAX_VALUES} values`;
  return { ok: false, uid: request.uid, fault: { code: "limits/exceeded", message } };
}

/** Reads a review in another thread, as `readReviewParts` does, as the share of its namespace. Rejects with faults. */
export type ReadPartsElsewhere = (
  namespace: string,
  ...input: Parameters<typeof readReviewParts>
) => Promise<ReviewParts>;

/** Reads a review as `readReview` does, with these parts of its objects alone, a large one `elsewhere`. Never rejects. */
export async function readPartly(
  bytes: Uint8Array,
  parts: readonly PartPath[],
  elsewhere: ReadPartsElsewhere | undefined,
): Promise<ReadReview> {
  if (elsewhere === undefined || bytes.length <= LARGE_REVIEW) return unpacked(readReviewParts(bytes, parts));
  const head = readHead(bytes);
  try {
    return unpacked(await elsewhere(head?.namespace ?? "", bytes, parts));
  } catch (error) {
    return { ok: false, uid: head?.uid, fault: asFault(error) };
  }
}

function unpacked(read: ReviewParts): ReadReview {
  if (read.ok) return read;
  return { ...read, fault: new Fault(read.fault.code, read.fault.message) };
}
