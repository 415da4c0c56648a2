import { LRUCache } from "lru-cache";

import { type Attachments, digestOf, Fault, type TrustSnapshot } from "../../core/index.ts";
import type { SignableApproval } from "../../waivers/index.ts";
import type { GateDeps } from "../ports.ts";
import type { Signed } from "./approved.ts";

const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
/** Under this annotation the format finds the bytes that are signed. */
const CONTENT = "dev.mc-gate.content";
const MAX = 4096;

/** Who signed an approval, by the cryptography alone. Rejects with a fault where that cannot be known. */
export type ProveApproval = (approval: SignableApproval, trust: TrustSnapshot) => Promise<Signed>;

/** Proofs are remembered by trust generation and content; whose they must be, and what is void, is asked elsewhere. */
export function createApprovalProofs({ verify, now }: Pick<GateDeps, "verify" | "now">): ProveApproval {
  const remembered = new LRUCache<string, Promise<Signed>>({ max: MAX });
  return ({ bundle, signs }, trust) => {
    if (bundle === undefined) return Promise.resolve("it is not signed");
    if (signs === undefined) return Promise.resolve("the waiver has no canonical form");
    const key = `${trust.generation} ${digestOf(signs)} ${digestOf(bundle)}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const proving = verify(attachmentsOf(bundle, signs), trust, now(), { predicateTexts: [] }).then(
      ({ signatures, rejections, gaps: [gap] }): Signed => {
        if (signatures.length > 0) return signatures;
        if (gap !== undefined) throw new Fault(gap.code, gap.message);
        return rejections[0]?.message ?? "it proves nothing";
      },
    );
    remembered.set(key, proving);
    proving.catch(() => remembered.delete(key)); // a fault is not remembered
    return proving;
  };
}

function attachmentsOf(bundle: string, signs: string): Attachments {
  const attachment = {
    form: "blob",
    mediaType: BUNDLE,
    digest: digestOf(bundle),
    bytes: Buffer.from(bundle),
    annotations: { [CONTENT]: signs },
  } as const;
  return { subject: digestOf(signs), found: [attachment], skipped: [], gaps: [], searched: [] };
}
