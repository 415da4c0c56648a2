import { describe, expect, it, vi } from "vitest";

import {
  attachmentsOf,
  cosignSign,
  type FormedLayer,
  provenance,
  publicKeyOf,
  world,
} from "../../../test/support/signed-layers.ts";
import type { BundleOptions } from "../../../test/support/sigstore-entries.ts";
import { createSigstore } from "../../../test/support/sigstore.ts";
import type { TrustSnapshot } from "../../core/index.ts";
import { verifyAttachments } from "../evidence.ts";

const { sigstore, subject, key, release, now } = await world();
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
    [
      "a log and a later timestamp vouch for",
      { timestamps: 1, secondsFromNow: 60 },
      [ours],
      { logged: true, timeSource: "log" },
    ],
    [
      "a log without a promise and a timestamp vouch for",
      { rekor: "v2" } as const,
      [ours],
      { logged: true, timeSource: "timestamp" },
    ],
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

async function proofs(layer: FormedLayer, roots: TrustSnapshot["roots"]): Promise<unknown> {
  const trust = { generation: "test", roots, keys: [] };
  const found = verifyAttachments(attachmentsOf(subject, [layer]), trust, now);
  expect(found.rejections).toEqual([]);
  return [...found.signatures, ...found.attestations].map(({ signer, timeSource }) =>
    signer.kind === "keyless" ? [signer.trustRoot, timeSource] : [],
  );
}

it("a key's signature that was stamped before it was logged counts from the stamp on", async () => {
  vi.useFakeTimers({ now: Date.now() + 120_000, toFake: ["Date"] });
  try {
    const how = { timestamps: 1, secondsFromNow: -60 };
    expect(await signatures(how, [sigstore.trustRoot("ours")])).toEqual([
      { logged: true, timeSource: "timestamp" },
    ]);
  } finally {
    vi.useRealTimers();
  }
});

describe("a certificate that several trust roots vouch for", () => {
  const old = sigstore.trustRoot("old");
  const fresh = { ...old, name: "fresh" };
  const theirs = foreign.trustRoot("theirs");
  const withoutLogs = {
    ...old,
    name: "without logs",
    trustedRoot: JSON.stringify({ ...sigstore.trustedRoot, tlogs: [] }),
  };

  it.each<[string, TrustSnapshot["roots"], unknown]>([
    [
      "one that is rolled over",
      [old, fresh],
      [
        ["old", "log"],
        ["fresh", "log"],
      ],
    ],
    [
      "one that is rolled over, in the other order",
      [fresh, old],
      [
        ["fresh", "log"],
        ["old", "log"],
      ],
    ],
    [
      "one beside one that did not issue it",
      [theirs, fresh, old],
      [
        ["fresh", "log"],
        ["old", "log"],
      ],
    ],
    ["one beside one that lacks its log", [withoutLogs, fresh], [["fresh", "log"]]],
    ["one before one that lacks its log", [fresh, withoutLogs], [["fresh", "log"]]],
  ])("is proven by each: %s", async (_, roots, expected) => {
    expect(await proofs(await cosignSign.bundle(sigstore, release, subject), roots)).toEqual(expected);
    expect(await proofs(await provenance.bundle(sigstore, release, subject), roots)).toEqual(expected);
    expect(await proofs(await cosignSign.legacy(sigstore, release, subject), roots)).toEqual(expected);
  });

  it("has the time that each of them vouches for", async () => {
    const layer = await cosignSign.bundle(sigstore, release, subject, { timestamps: 1, secondsFromNow: 60 });
    expect(await proofs(layer, [{ ...withoutLogs, tlogThreshold: 0 }, old])).toEqual([
      ["without logs", "timestamp"],
      ["old", "log"],
    ]);
  });
});

describe("a key's signature that several trust roots know the log of", () => {
  const ours = sigstore.trustRoot("ours");
  const same = { ...ours, name: "same" };
  const withoutStamps = {
    ...ours,
    name: "without stamps",
    trustedRoot: JSON.stringify({ ...sigstore.trustedRoot, timestampAuthorities: [] }),
  };

  it("is one proof where they say the same, and one for each time where they do not", async () => {
    expect(await signatures({}, [ours, same])).toEqual([{ logged: true, timeSource: "log" }]);
    expect(await signatures({ rekor: "v2" }, [withoutStamps, ours, same])).toEqual([
      { logged: true, timeSource: undefined },
      { logged: true, timeSource: "timestamp" },
    ]);
  });
});
