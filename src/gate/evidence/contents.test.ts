import { afterEach, describe, expect, it } from "vitest";

import { aPolicy, aSignature, evidenceOf, RELEASE } from "../../../test/support/policies.ts";
import {
  digestOf,
  Fault,
  type ImageContents,
  type PinnedImage,
  type PullAccess,
  type Verdict,
} from "../../core/index.ts";
import { NO_REVOCATIONS, parseRevocations, type Revocations } from "../../revocations/index.ts";
import { NO_WAIVERS, parseWaivers, type WaiverRegistry } from "../../waivers/index.ts";
import { createGate } from "../create-gate.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

const NOW = new Date("2026-11-24T12:00:00Z");
const [BAD, GOOD] = [digestOf("bad"), digestOf("good")];
const BAD_512 = digestOf("bad", "sha512");
const INDEX = digestOf("an index");
const POLICY = `
trustRoots: { main: { source: publicGood } }
authorities:
  release:
    keyless: { trustRoot: main, issuer: https://token.actions.githubusercontent.com, identity: "${RELEASE}" }
unmatched: allow
rules:
  - { name: signed, images: [ghcr.io/acme/signed], require: { signature: { anyOf: [release] } } }
  - { name: pinned, images: [ghcr.io/acme/pinned, ghcr.io/acme/told], require: { reference: { pinned: true } } }
  - { name: strict, images: [ghcr.io/acme/strict], require: { reference: { pinned: true, checkpoints: refused } } }
  - name: strict-and-signed
    images: [ghcr.io/acme/strict-and-signed]
    require: { signature: { anyOf: [release] }, reference: { pinned: true, checkpoints: refused } }
  - name: restored
    images: [ghcr.io/acme/restored, ghcr.io/acme/told]
    require: { reference: { pinned: true, checkpoints: allowed } }
  - { name: both, images: [ghcr.io/acme/both], require: { reference: { pinned: true, checkpoints: allowed } } }
  - { name: both-strict, images: [ghcr.io/acme/both], require: { reference: { pinned: true, checkpoints: refused } } }
`;

function revocationsOf(document: object): Revocations {
  const parsed = parseRevocations(JSON.stringify({ revocations: [], ...document }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

const REVOCATION = {
  id: "R-1",
  digest: BAD,
  reason: "It ships live credentials.",
  created: NOW.toISOString(),
};
const REVOKED = revocationsOf({ revocations: [REVOCATION] });
const PROMOTABLE_WAIVED = waiversOf({
  id: "W-1",
  class: "promotable",
  digest: INDEX,
  owners: ["payments"],
  reason: "The old images are rebuilt this week.",
  created: NOW.toISOString(),
  ttl: "3d",
  requestedBy: "ana",
  approvals: [
    { by: "mia", seat: "release-manager", at: NOW.toISOString() },
    { by: "sam", seat: "devsecops", at: NOW.toISOString() },
  ],
});

function waiversOf(...waivers: readonly object[]): WaiverRegistry {
  const parsed = parseWaivers(JSON.stringify({ waivers }));
  if (!parsed.ok || parsed.value.problems.length > 0) throw new Error(JSON.stringify(parsed));
  return parsed.value;
}

const clock = { now: NOW };
afterEach(() => void (clock.now = NOW));

/** A gate whose registry knows what images are made of. */
function gateOver(
  contents: (image: PinnedImage, access: PullAccess) => Promise<ImageContents | undefined>,
  revocations = REVOKED,
  waivers = NO_WAIVERS,
) {
  const asked: string[] = [];
  const gate = createGate({
    registry: {
      resolve: () => Promise.resolve(INDEX),
      contents: (image, access) => {
        asked.push(image.digest);
        return contents(image, access);
      },
      attachments: ({ digest }) =>
        Promise.resolve({ subject: digest, found: [], skipped: [], gaps: [], searched: [] }),
    },
    verify: ({ subject }, _, at) =>
      Promise.resolve({ ...evidenceOf({ signatures: [aSignature()] }), subject, collectedAt: at }),
    trust: () => ({ generation: "1", roots: [], keys: [] }),
    policy: () => aPolicy(POLICY),
    waivers: () => waivers,
    revocations: () => revocations,
    now: () => clock.now,
    observer: { phase: () => undefined, cache: () => undefined, waiting: () => undefined },
    limits: DEFAULT_LIMITS,
  });
  const admitAs = async (access: PullAccess, ...images: readonly string[]): Promise<string[]> => {
    const { signal } = new AbortController();
    const subjects = images.map((image) => ({ image, place: "c" }));
    return outcome(await gate.admit({ namespace: "shop", mode: () => "enforce", subjects, access, signal }));
  };
  const admit = (...images: readonly string[]): Promise<string[]> => admitAs({}, ...images);
  return { admit, admitAs, asked };
}

function outcome({ decision, objections }: Verdict): string[] {
  return [decision, ...objections.map(({ code }) => code)];
}

const IMAGES = ["ghcr.io/acme/signed", "ghcr.io/acme/pinned", "ghcr.io/other/app"];

describe("an image of which a revoked digest is another name or a part", () => {
  it.each(IMAGES)("%s by sha512 is refused where its sha256 digest is revoked", async (image) => {
    const { admit } = gateOver(() =>
      Promise.resolve({ digests: [BAD_512, BAD], parts: [], absent: [], checkpoint: undefined }),
    );
    expect(await admit(`${image}@${BAD_512}`)).toEqual(["deny", "revocation/digest"]);
  });

  it.each(IMAGES)("%s as an index is refused where it lists a revoked image", async (image) => {
    const { admit } = gateOver(() =>
      Promise.resolve({ digests: [INDEX], parts: [GOOD, BAD], absent: [], checkpoint: undefined }),
    );
    expect(await admit(`${image}@${INDEX}`)).toEqual(["deny", "revocation/digest"]);
  });

  it("is refused where what it lists is not promotable", async () => {
    const listed = revocationsOf({ nonPromotable: [{ digest: BAD, reason: "no history" }] });
    const { admit } = gateOver(
      () => Promise.resolve({ digests: [INDEX], parts: [BAD], absent: [], checkpoint: undefined }),
      listed,
    );
    expect(await admit(`${IMAGES[0]}@${INDEX}`)).toEqual(["deny", "promotable/refused"]);
  });

  it.each(IMAGES)(
    "%s as an index is refused for what is revoked behind many that are not promotable",
    async (image) => {
      const parts = Array.from({ length: 5 }, (_, at) => digestOf(`old ${at}`));
      const nonPromotable = parts.map((digest, at) => ({ digest, reason: `history ${at} is lost` }));
      const contents = { digests: [INDEX], parts: [...parts, BAD], absent: [], checkpoint: undefined };
      const listed = revocationsOf({ revocations: [REVOCATION], nonPromotable });
      const { admit } = gateOver(() => Promise.resolve(contents), listed, PROMOTABLE_WAIVED);
      expect(await admit(`${image}@${INDEX}`)).toEqual(["deny", "revocation/digest"]);
      const lists = revocationsOf({ nonPromotable });
      const waived = gateOver(() => Promise.resolve(contents), lists, PROMOTABLE_WAIVED);
      expect(await waived.admit(`${image}@${INDEX}`)).toEqual(["allow"]);
    },
  );

  it.each(IMAGES)("%s passes where nothing of it is revoked, asked once", async (image) => {
    const { admit, asked } = gateOver(() =>
      Promise.resolve({ digests: [INDEX], parts: [GOOD], absent: [], checkpoint: undefined }),
    );
    expect(await admit(`${image}@${INDEX}`)).toEqual(["allow"]);
    expect(await admit(`${image}@${INDEX}`)).toEqual(["allow"]);
    expect(asked).toEqual([INDEX]);
  });

  it.each(IMAGES)("%s is a fault where that cannot be read, and asked again", async (image) => {
    const { admit, asked } = gateOver(() => Promise.reject(new Fault("registry/unavailable", "down")));
    expect(await admit(`${image}@${INDEX}`)).toEqual(["deny", "registry/unavailable"]);
    await admit(`${image}@${INDEX}`);
    expect(asked).toEqual([INDEX, INDEX]);
  });

  it.each(IMAGES)("%s is refused where its registry has no such manifest", async (image) => {
    const { admit } = gateOver(() => Promise.resolve(undefined));
    expect(await admit(`${image}@${INDEX}`)).toEqual(["deny", "reference/not-found"]);
  });

  it("is not asked where no list names a digest, nor where the image is revoked itself", async () => {
    const none = gateOver(() => Promise.reject(new Error("not asked")), NO_REVOCATIONS);
    expect(await none.admit(`${IMAGES[0]}@${INDEX}`)).toEqual(["allow"]);
    const { admit, asked } = gateOver(() => Promise.reject(new Error("not asked")));
    expect(await admit(`${IMAGES[0]}@${BAD}`)).toEqual(["deny", "revocation/digest"]);
    expect(asked).toEqual([]);
  });
});

describe("a checkpoint of a running container", () => {
  const CHECKPOINT = {
    digests: [INDEX],
    parts: [],
    absent: [],
    checkpoint: "org.criu.checkpoint.container.name",
  };
  const read = (): Promise<ImageContents> => Promise.resolve(CHECKPOINT);
  const over = (revocations: Revocations) => gateOver(read, revocations);

  it.each(["strict", "strict-and-signed", "both"])(
    "is refused where a rule of %s refuses checkpoints, its manifest read once",
    async (name) => {
      const { admit, asked } = over(NO_REVOCATIONS);
      const image = `ghcr.io/acme/${name}@${INDEX}`;
      expect(await admit(image)).toEqual(["deny", "reference/checkpoint"]);
      expect(await admit(image)).toEqual(["deny", "reference/checkpoint"]);
      expect(asked).toEqual([INDEX]);
    },
  );

  it.each(["ghcr.io/acme/signed", "ghcr.io/acme/pinned", "ghcr.io/acme/told", "ghcr.io/other/app"])(
    "of %s, of which no rule or not every one says anything, is refused where the manifest is read anyway",
    async (name) => {
      const { admit, asked } = over(REVOKED);
      expect(await admit(`${name}@${INDEX}`)).toEqual(["deny", "reference/checkpoint"]);
      expect(asked).toEqual([INDEX]);
      const unread = over(NO_REVOCATIONS);
      expect(await unread.admit(`${name}@${INDEX}`)).toEqual(["allow"]);
      expect(unread.asked).toEqual([]);
    },
  );

  it("passes where every rule allows it, also where the manifest is read", async () => {
    expect(await over(REVOKED).admit(`ghcr.io/acme/restored@${INDEX}`)).toEqual(["allow"]);
    const unread = over(NO_REVOCATIONS);
    expect(await unread.admit(`ghcr.io/acme/restored@${INDEX}`)).toEqual(["allow"]);
    expect(unread.asked).toEqual([]);
  });

  it("is not known where the manifest cannot be read, and a rule refuses checkpoints", async () => {
    const down = new Fault("registry/unavailable", "down");
    const { admit } = gateOver(() => Promise.reject(down), NO_REVOCATIONS);
    expect(await admit(`ghcr.io/acme/strict@${INDEX}`)).toEqual(["deny", "registry/unavailable"]);
  });

  it("is none where nothing marks it as one", async () => {
    const image = { ...CHECKPOINT, checkpoint: undefined };
    const { admit } = gateOver(() => Promise.resolve(image), NO_REVOCATIONS);
    expect(await admit(`ghcr.io/acme/strict@${INDEX}`)).toEqual(["allow"]);
  });
});

describe("an index of which a part is absent", () => {
  const sparse = { digests: [INDEX], parts: [GOOD], absent: [GOOD], checkpoint: undefined };
  const by512 = revocationsOf({ revocations: [{ ...REVOCATION, digest: BAD_512 }] });
  const listed512 = revocationsOf({ nonPromotable: [{ digest: BAD_512, reason: "no history" }] });

  it.each([
    ["a digest by another algorithm is revoked", by512],
    ["a digest by another algorithm is not promotable", listed512],
  ])("is not known to be good where %s", async (_, revocations) => {
    const { admit } = gateOver(() => Promise.resolve(sparse), revocations);
    expect(await admit(`${IMAGES[0]}@${INDEX}`)).toEqual(["deny", "registry/incomplete"]);
  });

  it("passes where only other digests by the same algorithm are revoked, and where nothing is absent", async () => {
    expect(await gateOver(() => Promise.resolve(sparse)).admit(`${IMAGES[0]}@${INDEX}`)).toEqual(["allow"]);
    const whole = gateOver(() => Promise.resolve({ ...sparse, absent: [] }), by512);
    expect(await whole.admit(`${IMAGES[0]}@${INDEX}`)).toEqual(["allow"]);
  });

  it.each([
    [["ghcr.io/acme/strict"], ["deny", "registry/incomplete"]],
    [["ghcr.io/acme/pinned", "ghcr.io/acme/restored"], ["allow"]],
  ])("in %j, whose rules say what of checkpoints, is %j", async (names, expected) => {
    for (const name of names) {
      const { admit } = gateOver(() => Promise.resolve(sparse));
      expect(await admit(`${name}@${INDEX}`)).toEqual(expected);
    }
  });

  describe("in one repository, and a checkpoint in another", () => {
    const restored = { ...sparse, absent: [], checkpoint: "org.criu.checkpoint.container.name" };
    const other = `evil.test/acme/app@${INDEX}`;
    const pinned = `${IMAGES[1]}@${INDEX}`;
    const over = () =>
      gateOver(({ registry }) => Promise.resolve(registry === "evil.test" ? sparse : restored));

    it("is refused where both are asked for at once, in either order", async () => {
      for (const images of [
        [other, pinned],
        [pinned, other],
      ])
        expect(await over().admit(...images)).toEqual(["deny", "reference/checkpoint"]);
    });

    it("is refused where the other was read before", async () => {
      const { admit } = over();
      expect(await admit(other)).toEqual(["allow"]);
      expect(await admit(pinned)).toEqual(["deny", "reference/checkpoint"]);
    });

    it("is refused where the other is no such image at all, for want of the first alone", async () => {
      const { admit } = gateOver(({ registry }) =>
        Promise.resolve(registry === "evil.test" ? undefined : { ...sparse, absent: [] }),
      );
      expect(await admit(other, pinned)).toEqual(["deny", "reference/not-found"]);
      expect(await admit(pinned)).toEqual(["allow"]);
    });

    it("is refused for those whom the registry shows it, whatever it showed to others", async () => {
      const { admitAs } = gateOver((_, { namespace }) =>
        Promise.resolve(namespace === "evil" ? sparse : restored),
      );
      expect(await admitAs({ namespace: "evil" }, pinned)).toEqual(["allow"]);
      expect(await admitAs({ namespace: "shop" }, pinned)).toEqual(["deny", "reference/checkpoint"]);
    });
  });

  it("is read again after a while, a whole one never", async () => {
    for (const [absent, times] of [
      [[GOOD], 2],
      [[], 1],
    ] as const) {
      const { admit, asked } = gateOver(() => Promise.resolve({ ...sparse, absent }));
      await admit(`${IMAGES[0]}@${INDEX}`);
      clock.now = new Date(clock.now.getTime() + DEFAULT_LIMITS.refreshAfterMs - 1);
      await admit(`${IMAGES[0]}@${INDEX}`);
      expect(asked).toHaveLength(1);
      clock.now = new Date(clock.now.getTime() + 1);
      await admit(`${IMAGES[0]}@${INDEX}`);
      expect(asked).toHaveLength(times);
    }
  });
});
