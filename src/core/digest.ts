import { createHash } from "node:crypto";

import { z } from "zod";

/**
 * A content digest, `sha256:<64 hex>` or `sha512:<128 hex>`, lower case: the two registered algorithms of
 * OCI image-spec, descriptor.md, "Registered Algorithms". Branded, so a plain string does not fit.
 */
export const Digest = z
  .string()
  .regex(/^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/, "not a sha256 or sha512 digest in lower-case hex")
  .brand<"Digest">();
export type Digest = z.infer<typeof Digest>;

/** The digest that `text` spells, or undefined where it spells none. */
export function parseDigest(text: string): Digest | undefined {
  return Digest.safeParse(text).data;
}

/** The algorithm and the hex part of a digest. */
export function splitDigest(digest: Digest): { algorithm: "sha256" | "sha512"; hex: string } {
  return { algorithm: digest.startsWith("sha256:") ? "sha256" : "sha512", hex: digest.slice(7) };
}

/** The digest of `bytes`, sha256 unless told otherwise. */
export function digestOf(bytes: Uint8Array | string, algorithm: "sha256" | "sha512" = "sha256"): Digest {
  return Digest.parse(`${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`);
}
