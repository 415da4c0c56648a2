import { z } from "zod";

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z.int().min(0);

/** Files of a packet. */
export const MAX_FILES = 4096;
/** Bytes of a manifest. */
export const MAX_MANIFEST = 4 * 1024 * 1024;

/** Its file, and the only subject that is signed. */
export const MANIFEST = "manifest.json";
/** The signature's file: the only one whose bytes differ between two exports of the same. */
export const SIGNATURE = "manifest.json.sigstore.json";
/** The page that holds the packet; the manifest holds the hash of all of it that is not the packet's files. */
export const PAGE = "packet.html";
/** The lines of the record. */
export const RECORD = "record.jsonl";

/** Where a file of a packet is: no part of it leaves the packet's folder. */
export const PacketPath = z
  .string()
  .max(240)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*){0,3}$/);

/** One file, as the manifest names it. */
export const PacketFile = z.strictObject({
  path: PacketPath,
  bytes: Count,
  sha256: Sha256,
  about: z.string().max(512),
  /** Whether the page holds it; large files are next to it alone. */
  inPage: z.boolean(),
});
/** See the schema of the same name. */
export type PacketFile = z.infer<typeof PacketFile>;

/** What `manifest.json` says. */
export const Manifest = z.strictObject({
  kind: z.literal("MC Gate evidence packet"),
  version: z.literal(1),
  window: z.strictObject({
    since: z.iso.datetime(),
    until: z.iso.datetime(),
    namespace: z.string().max(63).optional(),
  }),
  tools: z.record(z.string().max(64), z.string().max(256)),
  /** What was taken out, by which rule. */
  redaction: z.array(z.strictObject({ rule: z.string(), what: z.string(), removed: Count })).max(64),
  /** Who was to sign: a key's fingerprint or a certificate's identity. What proves it is the signature. */
  signer: z.string().max(2048).optional(),
  /** SHA-256 of `packet.html` without the packet's files in it. */
  page: Sha256,
  files: z.array(PacketFile).max(MAX_FILES),
});
/** See the schema of the same name. */
export type Manifest = z.infer<typeof Manifest>;

/** JSON as packets hold it: keys as they are given, two spaces, a line break at the end. */
export function packetJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
