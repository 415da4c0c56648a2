import { describe, expect, it } from "vitest";

import { aPolicy, aSignature, aSigner, evidenceOf } from "../../../test/support/policies.ts";
import { digestOf, type Attachments, Fault, type Rejection, type TrustSnapshot } from "../../core/index.ts";
import { NO_SWITCHES } from "../../enforcement/index.ts";
import { NO_REVOCATIONS, parseRevocations } from "../../revocations/index.ts";
import type { SignableApproval, Waiver, WaiverRegistry } from "../../waivers/index.ts";
import type { ImageFindings } from "../decide.ts";
import { type Outcome, Readings } from "../readings.ts";
import type { Snapshot } from "../snapshot.ts";
import { createApprovalProofs } from "./approval-proofs.ts";
import { approvedWaivers, createApprovals } from "./approvals.ts";
import { type Signed, approvalProblem } from "./approved.ts";

const ISSUER = "https://accounts.google.com";
const POLICY = aPolicy(
  JSON.stringify({
    trustRoots: { main: { source: "publicGood" } },
    authorities: Object.fromEntries(["sam", "mia"].map((name) => [name, authority(name)])),
    rules: [],
    waivers: {
      requireSignedApprovals: true,
      approvers: {
        Sam: { authority: "sam", seats: ["devsecops"] },
        Mia: { authority: "mia", seats: ["devsecops", "release-manager"] },
      },
    },
  }),
);
const LOOSE = aPolicy("rules: []");
const DIGEST = digestOf("an image");
const NOW = new Date("2026-11-24T12:00:00Z");
const TRUST: TrustSnapshot = { generation: "1", roots: [], keys: [] };

function authority(name: string): object {
  return { keyless: { trustRoot: "main", issuer: ISSUER, identity: `${name}@acme.test` } };
}

function by(name: string, trustRoot = "main") {
  return [aSignature({ signer: aSigner({ identity: `${name}@acme.test`, issuer: ISSUER, trustRoot }) })];
}

function approval(name: string, seat = "devsecops"): SignableApproval {
  return { by: name, seat, bundle: `{"by":"${name}"}`, signs: `${name} ${seat}` };
}

function aWaiver(differing: Partial<Waiver> = {}): Waiver {
  return {
    id: "W-1",
    class: "signature",
    digest: DIGEST,
    owners: ["ana"],
    approvals: [approval("Sam")],
    from: new Date("2026-11-24T00:00:00Z"),
    until: new Date("2026-11-25T00:00:00Z"),
    place: { line: 1, column: 1 },
    ...differing,
  };
}

describe("a waiver whose approvals must be signed", () => {
  const rules = { approvers: POLICY.approvers!, keys: [], revocations: NO_REVOCATIONS };
  const both = [approval("Sam"), approval("Mia", "release-manager")];

  it.each<[string, Partial<Waiver>, readonly Signed[]]>([
    ["one approver", {}, [by("sam")]],
    ["two of them", { approvals: both }, [by("sam"), by("mia")]],
    ["an owner beside somebody else", { approvals: both, owners: ["SAM"] }, [by("sam"), by("mia")]],
    ["a second trust root that vouches", {}, [[...by("sam", "old"), ...by("sam")]]],
    ["a first trust root that vouches", {}, [[...by("sam"), ...by("sam", "old")]]],
    ["the requester beside somebody else", { approvals: both, requestedBy: "mia" }, [by("sam"), by("mia")]],
  ])("counts with %s", (_, differing, signed) => {
    expect(approvalProblem(aWaiver(differing), signed, rules)).toBeUndefined();
  });

  it.each<[string, Partial<Waiver>, readonly Signed[], string]>([
    ["nobody", { approvals: [] }, [], "it has no approval"],
    ["a signature that was not looked at", {}, [], "the approval by Sam does not count: it was not checked"],
    ["no signature", {}, ["it is not signed"], "the approval by Sam does not count: it is not signed"],
    ["a stranger", { approvals: [approval("eve")] }, [by("eve")], "the policy names no such approver"],
    [
      "a seat of others",
      { approvals: [approval("Sam", "release-manager")] },
      [by("sam")],
      "the seat release-manager",
    ],
    [
      "somebody else's signature",
      {},
      [by("mia")],
      "the approval by Sam does not count: it is signed by mia@acme.test",
    ],
    ["only another trust root that vouches", {}, [by("sam", "old")], "must have main"],
    ["a verifier that proves nothing", {}, [[]], "it proves nothing"],
    ["one signed and one not", { approvals: both }, [by("sam"), "it is not signed"], "the approval by Mia"],
    [
      "one signer for two",
      { approvals: [approval("Sam"), approval("SAM")] },
      [by("sam"), by("sam")],
      "one signer",
    ],
    ["its owner alone", { owners: ["sam", "ana"] }, [by("sam")], "only its owners or its requester"],
    [
      "its owner by an address",
      { owners: ["sso/Sam@acme.test"] },
      [by("sam")],
      "only its owners or its requester",
    ],
    ["its requester alone", { requestedBy: "SAM" }, [by("sam")], "only its owners or its requester"],
    [
      "its owner and its requester",
      { approvals: both, owners: ["sam"], requestedBy: "mia" },
      [by("sam"), by("mia")],
      "only its owners or its requester",
    ],
  ])("does not count with %s", (_, differing, signed, why) => {
    expect(approvalProblem(aWaiver(differing), signed, rules)).toContain(why);
  });

  it("does not count where its approver's signature is revoked", () => {
    const entry = {
      id: "R-1",
      issuer: ISSUER,
      identity: "sam@acme.test",
      reason: "The laptop of Sam was stolen.",
    };
    const revocations = parseRevocations(
      JSON.stringify({ revocations: [{ ...entry, created: NOW.toISOString() }] }),
    );
    if (!revocations.ok) throw new Error(JSON.stringify(revocations.problems));
    const why = approvalProblem(aWaiver(), [by("sam")], { ...rules, revocations: revocations.value });
    expect(why).toBe("the approval by Sam does not count: revocation R-1 voids the signature");
  });
});

const REJECTED: Rejection = {
  form: "blob",
  attachment: DIGEST,
  claims: "signature",
  reason: "invalid",
  message: "it is forged",
};

/** What verification gives in turn, and what it was asked about. */
function verifier(...answers: readonly (Parameters<typeof evidenceOf>[0] | Fault)[]) {
  const asked: Attachments[] = [];
  return {
    asked,
    now: () => NOW,
    verify: (attachments: Attachments) => {
      asked.push(attachments);
      const answer = answers[Math.min(asked.length, answers.length) - 1]!;
      return answer instanceof Fault ? Promise.reject(answer) : Promise.resolve(evidenceOf(answer));
    },
  };
}

describe("the proof of an approval", () => {
  it("is asked of its bundle and the text that was signed, once for each trust material", async () => {
    const deps = verifier({ signatures: [aSignature()] });
    const prove = createApprovalProofs(deps);
    const given = approval("Sam");
    expect(await prove(given, TRUST)).toEqual([aSignature()]);
    await prove(given, TRUST);
    expect(deps.asked).toHaveLength(1);
    expect(deps.asked[0]).toMatchObject({
      subject: digestOf("Sam devsecops"),
      found: [
        {
          form: "blob",
          bytes: Buffer.from(given.bundle!),
          annotations: { "dev.mc-gate.content": "Sam devsecops" },
        },
      ],
    });
    await prove({ ...given, signs: "something else" }, TRUST);
    await prove({ ...given, bundle: "{}" }, TRUST);
    await prove(given, { ...TRUST, generation: "2" });
    expect(deps.asked).toHaveLength(4);
  });

  it.each([
    ["bundle", "it is not signed"],
    ["signs", "the waiver has no canonical form"],
  ] as const)("is none without its %s", async (key, why) => {
    const deps = verifier({});
    const { [key]: _, ...given } = { ...approval("Sam"), ref: "x" };
    expect(await createApprovalProofs(deps)(given, TRUST)).toBe(why);
    expect(deps.asked).toHaveLength(0);
  });

  it("is none where the bundle proves nothing, and says why", async () => {
    const prove = createApprovalProofs(verifier({ rejections: [REJECTED] }, {}));
    expect(await prove(approval("Sam"), TRUST)).toBe("it is forged");
    expect(await prove(approval("Mia"), TRUST)).toBe("it proves nothing");
  });

  it("is a fault, and asked for again, where it was not verified to its end", async () => {
    const gap = {
      code: "internal/unexpected",
      message: "it was not verified: its thread ended",
      count: 1,
    } as const;
    const prove = createApprovalProofs(
      verifier({ gaps: [gap], rejections: [REJECTED] }, { signatures: [aSignature()] }),
    );
    await expect(prove(approval("Sam"), TRUST)).rejects.toMatchObject({ code: gap.code });
    expect(await prove(approval("Sam"), TRUST)).toHaveLength(1);
  });

  it("is asked for again after a fault", async () => {
    const prove = createApprovalProofs(
      verifier(new Fault("trust/unavailable", "no root"), { signatures: [aSignature()] }),
    );
    await expect(prove(approval("Sam"), TRUST)).rejects.toThrow("no root");
    expect(await prove(approval("Sam"), TRUST)).toEqual([aSignature()]);
  });
});

function noTrust(): TrustSnapshot {
  throw new Fault("trust/unavailable", "no root");
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

describe("why a waiver does not count", () => {
  const good = {
    ...verifier({ signatures: by("sam") }),
    trust: () => TRUST,
    policy: (): typeof POLICY | undefined => POLICY,
    revocations: () => NO_REVOCATIONS,
  };
  const { signal } = new AbortController();

  it("is nothing where it is approved, or where names suffice", async () => {
    expect(await createApprovals(good)(aWaiver(), signal)).toBeUndefined();
    const loose = createApprovals({ ...good, policy: () => LOOSE });
    expect(await loose(aWaiver({ approvals: [] }), signal)).toBeUndefined();
    expect(await createApprovals(good)(aWaiver({ approvals: [] }), signal)).toBe("it has no approval");
  });

  it("is told where it cannot be verified, or not in time", async () => {
    const why = await createApprovals({ ...good, trust: noTrust })(aWaiver(), signal);
    expect(why).toBe("its approvals could not be verified: no root");
    const unknown = await createApprovals({ ...good, policy: () => undefined })(aWaiver(), signal);
    expect(unknown).toBe("its approvals could not be verified: no valid policy is loaded");
    const late = await createApprovals({ ...good, verify: never })(aWaiver(), AbortSignal.abort());
    expect(late).toContain("its approvals could not be verified: ");
    expect(late).toContain("verifying approvals");
  });

  it("is asked of the documents in force after the approvals are verified", async () => {
    let policy = POLICY;
    const { promise, resolve } = Promise.withResolvers<void>();
    const verify = async (...given: Parameters<typeof good.verify>) => {
      await promise;
      return good.verify(...given);
    };
    const why = createApprovals({ ...good, verify, policy: () => policy })(aWaiver(), signal);
    policy = LOOSE;
    resolve();
    expect(await why).toBeUndefined();
  });
});

function registryOf(...waivers: readonly Waiver[]): WaiverRegistry {
  return { byDigest: Map.groupBy(waivers, ({ digest }) => digest), waivers, problems: [] };
}

/** Readings in which every approval of these waivers was read with this outcome. */
function readingsOf(waivers: readonly Waiver[], outcomeOf: (waiver: Waiver) => Outcome<Signed>): Readings {
  const readings = new Readings();
  for (const waiver of waivers)
    for (const each of waiver.approvals) readings.setApproval(each, TRUST.generation, outcomeOf(waiver));
  return readings;
}

describe("the waivers that count for a request", () => {
  const subject = { image: "x", place: "y" };
  const objection = {
    kind: "finding",
    code: "signature/missing",
    subject,
    digest: DIGEST,
    message: "m",
  } as const;
  const image: ImageFindings = {
    judged: { image: "x", rules: [], proofs: [] },
    objections: [objection, objection],
  };
  const hour = (hours: number): Date => new Date(NOW.getTime() + hours * 3_600_000);
  const [good, bad] = [aWaiver({ id: "good" }), aWaiver({ id: "bad" })];
  const ended = aWaiver({ id: "ended", until: NOW });
  const ahead = aWaiver({ id: "ahead", from: hour(1), until: hour(2) });
  const first = aWaiver({ id: "first", from: NOW, until: hour(1) });
  const other = aWaiver({ id: "other", digest: digestOf("another image") });
  const registry = registryOf(good, bad, ended, ahead, first, other);
  const snapshot: Snapshot = {
    documents: { policy: POLICY, revocations: NO_REVOCATIONS },
    revocations: NO_REVOCATIONS,
    enforcement: NO_SWITCHES,
    switches: [],
    waivers: registry,
    trust: TRUST,
    now: NOW,
  };
  const signed: Outcome<Signed> = { value: by("sam") };

  it("lack their approvals until those are verified, those of ended and future ones never", () => {
    const { lacks, waivers } = approvedWaivers([image], snapshot, new Readings());
    expect(lacks.map((lack) => lack.kind === "approval" && lack.approval)).toEqual(
      [good, bad, first].map(({ approvals }) => approvals[0]),
    );
    expect(waivers.waivers).toEqual([]);
  });

  it("are those that are approved, besides ended ones, which explain", () => {
    const readings = readingsOf([good, bad, first], ({ id }) =>
      id === "bad" ? { value: "it is forged" } : signed,
    );
    const { lacks, waivers, ignored } = approvedWaivers([image], snapshot, readings);
    expect(lacks).toEqual([]);
    expect(waivers.waivers.map(({ id }) => id)).toEqual(["good", "first", "ended"]);
    expect(waivers.byDigest.get(DIGEST)).toHaveLength(3);
    expect(ignored?.waivers.waivers.map(({ id }) => id)).toEqual(["bad"]);
    expect([...ignored!.because]).toEqual([["bad", "the approval by Sam does not count: it is forged"]]);
  });

  it("are not those whose approvals could not be verified, or by other trust material", () => {
    const fault = { fault: new Fault("deadline/exceeded", "too late") };
    const late = readingsOf([good, bad, first], ({ id }) => (id === "bad" ? fault : signed));
    const why = "its approvals could not be verified: too late";
    expect(approvedWaivers([image], snapshot, late).ignored?.because.get("bad")).toBe(why);
    const trust = { ...TRUST, generation: "2" };
    expect(approvedWaivers([image], { ...snapshot, trust }, late).lacks).toHaveLength(3);
    const none = new Fault("trust/unavailable", "no root");
    const { waivers, ignored, lacks } = approvedWaivers([image], { ...snapshot, trust: none }, late);
    expect([waivers.waivers.map(({ id }) => id), lacks]).toEqual([["ended"], []]);
    expect(ignored?.because.get("good")).toBe("its approvals could not be verified: no root");
  });

  it("are looked for among the digests of findings alone", () => {
    const fault = { kind: "fault", code: "registry/unavailable", subject, message: "m" } as const;
    const { digest: _, ...unresolved } = objection;
    const images = [{ ...image, objections: [fault, unresolved] }];
    const { lacks, waivers } = approvedWaivers(images, snapshot, new Readings());
    expect([lacks, waivers.waivers]).toEqual([[], []]);
  });

  it("are at most 64, and all of them where the policy asks for no signatures", () => {
    const many = Array.from({ length: 70 }, (_, at) => aWaiver({ id: `W-${at}` }));
    const crowded = { ...snapshot, waivers: registryOf(...many) };
    const readings = readingsOf(many, () => signed);
    expect(approvedWaivers([image], crowded, readings).waivers.waivers).toHaveLength(64);
    const documents = { policy: LOOSE, revocations: NO_REVOCATIONS };
    const loose = approvedWaivers([image], { ...crowded, documents }, new Readings());
    expect(loose).toEqual({ waivers: crowded.waivers, lacks: [] });
  });
});
