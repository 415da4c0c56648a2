import { describe, expect, it } from "vitest";

import { attachmentsOf, cosignSign, publicKeyOf, world } from "../../test/support/signed-layers.ts";
import type { BundleOptions } from "../../test/support/sigstore-entries.ts";
import { createSigstore } from "../../test/support/sigstore.ts";
import type { TrustSnapshot } from "../core/index.ts";
import { verifyAttachments } from "./index.ts";

const { sigstore, subject, key, now } = await world();
const STAMPED = { rekor: "none", timestamps: 1 } as const;
const foreign = await createSigstore({ logUrl: "https://rekor.foreign.test" });

async function signatures(how: BundleOptions, roots: TrustSnapshot["roots"]): Promise<object[]> {
  const layer = await cosignSign.bundle(sigstore, key, subject, how);
  const trust = { generation: "test", roots, keys: [publicKeyOf(key)] };
  return verifyAttachments(attachmentsOf(subject, [layer]), trust, now).signatures.map(
    ({ logged, timeSource }) => ({ logged, timeSource }),
  );
}

describe("a key's signature", () => {
  const [ours, theirs] = [sigstore.trustRoot("ours"), foreign.trustRoot("theirs")];
  const bare = { logged: false, timeSource: undefined };

  it.each([
    ["a log vouches for", {}, [ours], { logged: true, timeSource: "log" }],
    ["a log of the second instance vouches for", {}, [theirs, ours], { logged: true, timeSource: "log" }],
    ["only a log that nobody trusts vouches for", {}, [theirs], bare],
    ["log and timestamp vouch for", { timestamps: 1 }, [ours], { logged: true, timeSource: "timestamp" }],
    ["only a timestamp vouches for", STAMPED, [ours], { logged: false, timeSource: "timestamp" }],
    [
      "a timestamp of the second instance",
      STAMPED,
      [theirs, ours],
      { logged: false, timeSource: "timestamp" },
    ],
    ["only a timestamp that nobody trusts vouches for", STAMPED, [theirs], bare],
    ["nothing vouches for", { rekor: "none", timestamps: 0 } as const, [ours], bare],
    ["nobody could vouch for", STAMPED, [], bare],
  ])("which %s has what can be known of it", async (_, how, roots, expected) => {
    expect(await signatures(how, roots)).toEqual([expected]);
  });
});
