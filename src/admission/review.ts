import { z } from "zod";

import { Fault, JsonLimitError, parseJson } from "../core/index.ts";

/** Different keys with escapes in one review: those of list entries in its managed fields, a few for each container. */
const MAX_ESCAPED_KEYS = 10_000;
/** Values in one review: the two objects of etcd's 1.5 MiB that it may hold have fewer, unless someone means it. */
const MAX_VALUES = 300_000;

const GroupVersionKind = z.object({ group: z.string(), version: z.string(), kind: z.string() });

/** Who sends a request. Source: k8s.io/api/authentication/v1, UserInfo. */
const UserInfo = z.object({
  username: z.string().max(1024).default(""),
  uid: z.string().max(1024).optional(),
  groups: z.array(z.string().max(1024)).max(10_000).default([]),
  extra: z.record(z.string(), z.array(z.string())).optional(),
});

/** What the gate reads of a request; the API server may send more. Source: k8s.io/api/admission/v1, AdmissionRequest. */
export const AdmissionRequest = z.object({
  uid: z.string().min(1).max(128),
  kind: GroupVersionKind,
  subResource: z.string().default(""),
  namespace: z.string().max(253).default(""),
  name: z.string().max(1024).default(""),
  operation: z.enum(["CREATE", "UPDATE", "DELETE", "CONNECT"]),
  userInfo: UserInfo.prefault({}),
  object: z.unknown().optional(),
  oldObject: z.unknown().optional(),
  dryRun: z.boolean().nullish(),
});
export type AdmissionRequest = z.infer<typeof AdmissionRequest>;

const AdmissionReview = z.object({
  apiVersion: z.literal("admission.k8s.io/v1"),
  kind: z.literal("AdmissionReview"),
  request: AdmissionRequest,
});

/** A request, or why there is none, with the uid where at least that could be read. */
export type ReadReview =
  | { readonly ok: true; readonly request: AdmissionRequest }
  | { readonly ok: false; readonly uid: string | undefined; readonly fault: Fault };

/**
 * Reads an AdmissionReview v1. Never throws; what is unreadable is fault review/invalid, and what holds more that is odd than
 * is read is limits/exceeded, which says what. `parse` is parseJsonFields where nothing goes by the keys of the objects.
 */
export function readReview(bytes: Uint8Array, parse: typeof parseJson = parseJson): ReadReview {
  let json: unknown;
  try {
    json = parse(textOf(bytes), { escapedKeys: MAX_ESCAPED_KEYS, values: MAX_VALUES });
  } catch (error) {
    if (!(error instanceof JsonLimitError)) return unreadable(undefined, "the body is not JSON");
    const message = `the review cannot be read: ${error.message}`;
    return { ok: false, uid: readHead(bytes)?.uid, fault: new Fault("limits/exceeded", message) };
  }
  const review = AdmissionReview.safeParse(json);
  if (review.success) return { ok: true, request: review.data.request };
  const issue = review.error.issues[0];
  return unreadable(
    uidIn(json),
    `the body is not an AdmissionReview v1: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`,
  );
}

/** The part of a review that says whose it is, bytes. */
const HEAD = 8 * 1024;

/** Who a review is from, by its first bytes. */
export interface ReviewHead {
  readonly uid: string;
  /** Empty where the head does not name it. */
  readonly namespace: string;
}

/**
 * What the head of a review says, where there is no more of it. The API server writes uid, kind and namespace, in this
 * order, before the object; a quote within a string is escaped and so is none of these keys. Undefined where there is no uid.
 */
export function readHead(bytes: Uint8Array): ReviewHead | undefined {
  const text = textOf(bytes.subarray(0, HEAD));
  const uid = /"request"\s*:\s*\{\s*"uid"\s*:\s*"([^"\\]{1,128})"/.exec(text)?.[1];
  const namespace = /"namespace"\s*:\s*"([^"\\]{0,253})"/.exec(text)?.[1] ?? "";
  return uid === undefined ? undefined : { uid, namespace };
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("utf8");
}

function unreadable(uid: string | undefined, message: string): ReadReview {
  return { ok: false, uid, fault: new Fault("review/invalid", message) };
}

function uidIn(json: unknown): string | undefined {
  return z.object({ request: z.object({ uid: z.string().min(1).max(128) }) }).safeParse(json).data?.request
    .uid;
}
