import { z } from "zod";

import {
  type Attachments,
  Digest,
  digestOf,
  type FaultCode,
  FAULTS,
  readJson,
  REGISTRY_FORMS,
  type RegistryForm,
  splitDigest,
} from "../core/index.ts";

const MAX = 64;
const Text = z.string().max(4096);

const Form = z.enum(Object.keys(REGISTRY_FORMS) as RegistryForm[]);

const Attachment = z.strictObject({
  form: Form,
  mediaType: Text,
  digest: Digest,
  bytes: z.base64(),
  annotations: z.record(Text, z.string()),
});

const Skipped = z.strictObject({
  form: Form,
  digest: Digest,
  reason: z.enum(["too-large", "unsupported", "unavailable"]),
  message: Text,
});

const Gap = z.strictObject({
  code: z.string().refine((code): code is FaultCode => Object.hasOwn(FAULTS, code)),
  message: Text,
  predicateType: Text.optional(),
  about: z.union([z.literal("place"), z.array(Digest).max(MAX)]).optional(),
  count: z.int().min(1),
  advice: z.strictObject({ fix: Text, brief: Text }).optional(),
});

/** One kept image: whose, when, and what its registry held. */
const Kept = z.strictObject({
  key: z.string().max(8192),
  at: z.iso.datetime(),
  subject: Digest,
  found: z.array(Attachment).max(1024),
  skipped: z.array(Skipped).max(MAX),
  gaps: z.array(Gap).max(MAX),
  searched: z.array(Text).max(MAX),
  manifests: z.array(Digest).max(4096).optional(),
  isPartial: z.literal(true).optional(),
  isOpen: z.literal(true).optional(),
});

/** What was kept under a key, and when it was fetched. */
export interface StoredAttachments {
  readonly attachments: Attachments;
  readonly at: Date;
  /** Whether the registry asked no one for credentials. */
  readonly isOpen?: true | undefined;
}

/** The text of a file that keeps attachments. */
export function formatStored(
  key: string,
  { subject, found, skipped, gaps, searched, manifests, isPartial, wantedCredentials }: Attachments,
  at: Date,
): string {
  const attachments = found.map(({ form, mediaType, digest, bytes, annotations }) => ({
    form,
    mediaType,
    digest,
    bytes: Buffer.from(bytes).toString("base64"),
    annotations,
  }));
  const kept = { key, at: at.toISOString(), subject, found: attachments, skipped, gaps, searched };
  const isOpen = wantedCredentials?.() === false || undefined;
  return JSON.stringify({ ...kept, manifests, isPartial, isOpen });
}

/**
 * Reads such a text. Undefined where it is damaged, about another key, or where any bytes do not have their digest: half
 * of what was kept could be without the very attestation that speaks against an image.
 */
export function parseStored(key: string, text: string): StoredAttachments | undefined {
  const kept = Kept.safeParse(readJson(text)).data;
  if (kept === undefined || kept.key !== key) return undefined;
  const found = kept.found.map((each) => ({
    ...each,
    bytes: new Uint8Array(Buffer.from(each.bytes, "base64")),
  }));
  const isWhole = found.every(
    ({ digest, bytes }) => digestOf(bytes, splitDigest(digest).algorithm) === digest,
  );
  const { subject, skipped, searched, manifests, isPartial, isOpen } = kept;
  const gaps = kept.gaps.map(({ predicateType, about, advice, ...gap }) => ({
    ...gap,
    ...(predicateType !== undefined && { predicateType }),
    ...(about !== undefined && { about }),
    ...(advice !== undefined && { advice }),
  }));
  const attachments = {
    subject,
    found,
    skipped,
    gaps,
    searched,
    ...(manifests && { manifests }),
    ...(isPartial && { isPartial }),
  };
  return isWhole ? { attachments, at: new Date(kept.at), ...(isOpen && { isOpen }) } : undefined;
}
