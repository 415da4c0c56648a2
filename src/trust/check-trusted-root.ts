import { X509Certificate } from "node:crypto";

import { TrustedRoot as Message } from "@sigstore/protobuf-specs";
import { z } from "zod";

import { fromProtobufJson, parseJson, readPublicKey } from "../core/index.ts";

const MAX = 64;
/** Either alphabet, with padding or without: both are JSON of protobuf. */
const Base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/_-]+={0,2}$/, "Invalid base64-encoded string")
  .max(16 * 1024);
const Window = z.object({
  start: z.iso.datetime({ offset: true }),
  end: z.iso.datetime({ offset: true }).optional(),
});

const Log = z.object({
  baseUrl: z.string().min(1),
  logId: z.object({ keyId: Base64 }),
  publicKey: z.object({
    rawBytes: Base64,
    keyDetails: z.union([z.string().min(1), z.int()]),
    validFor: Window,
  }),
});

const Authority = z.object({
  certChain: z.object({
    certificates: z
      .array(z.object({ rawBytes: Base64 }))
      .min(1)
      .max(8),
  }),
  validFor: Window,
});

/** What a trusted_root.json must hold. Source: protobuf-specs, sigstore_trustroot.proto. */
const TrustedRoot = z.object({
  mediaType: z
    .string()
    .regex(/^application\/vnd\.dev\.sigstore\.trustedroot(?:\+json;version=0\.[12]|\.v0\.[12]\+json)$/),
  tlogs: z.array(Log).max(MAX).default([]),
  ctlogs: z.array(Log).max(MAX).default([]),
  certificateAuthorities: z.array(Authority).min(1).max(MAX),
  timestampAuthorities: z.array(Authority).max(MAX).default([]),
});

/**
 * What is wrong with the text of a trusted_root.json; nothing where it can be used. Stricter than the library's reader,
 * which drops what it does not know and takes a missing start of a window for 1970.
 */
export function checkTrustedRoot(text: string): string[] {
  let root: unknown;
  try {
    root = fromProtobufJson(parseJson(text));
  } catch (error) {
    return [`document: not JSON of a message (${error instanceof Error ? error.message : "unreadable"})`];
  }
  const parsed = TrustedRoot.safeParse(root);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => `${path.join(".") || "document"}: ${message}`);
  const { tlogs, ctlogs, certificateAuthorities, timestampAuthorities } = parsed.data;
  const chains = [...certificateAuthorities, ...timestampAuthorities].map(
    ({ certChain }) => certChain.certificates,
  );
  return [
    ...attempt("document", () => Message.fromJSON(root)),
    ...[...tlogs, ...ctlogs].flatMap((log, at) =>
      attempt(`log ${at + 1}`, () => readPublicKey(Buffer.from(log.publicKey.rawBytes, "base64"))),
    ),
    ...chains.flatMap((chain, at) => attempt(`certificate chain ${at + 1}`, () => readChain(chain))),
  ];
}

function attempt(what: string, read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    return [`${what}: ${error instanceof Error ? error.message : "unreadable"}`];
  }
}

/** The library takes only self-signed anchors, so a chain without one would refuse everything later. */
function readChain(chain: readonly { readonly rawBytes: string }[]): void {
  const certificates = chain.map(({ rawBytes }) => new X509Certificate(Buffer.from(rawBytes, "base64")));
  const anchored = certificates.some((each) => each.checkIssued(each) && each.verify(each.publicKey));
  if (!anchored) throw new Error("it does not reach a self-signed certificate");
}
