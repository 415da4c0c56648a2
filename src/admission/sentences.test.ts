import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  adviceFor,
  FAULTS,
  FINDINGS,
  type FaultCode,
  type Finding,
  type FindingCode,
  type Lack,
  type Objection,
  type Verdict,
  type Waived,
} from "../core/index.ts";
import { denial, oneLine, reasons } from "./sentences.ts";
import { noteWarning, warnings } from "./warnings.ts";

const PRINTABLE = /^[\x20-\x7e\n]*$/;

const text = fc.oneof(fc.string({ unit: "binary", maxLength: 3000 }), fc.string({ maxLength: 80 }));
const subject = fc.record({ image: text, place: text });
const finding = fc.record({
  kind: fc.constant("finding" as const),
  code: fc.constantFrom(...(Object.keys(FINDINGS) as FindingCode[])),
  subject,
  message: text,
  rule: fc.constantFrom("acme", "base-images"),
});
const fault = fc.record({
  kind: fc.constant("fault" as const),
  code: fc.constantFrom(...(Object.keys(FAULTS) as FaultCode[])),
  message: text,
});
const objection: fc.Arbitrary<Objection> = fc.oneof(finding, fault);
const waived = fc.record({
  finding,
  waiver: fc.record({
    id: fc.constantFrom("W-1", "W-".padEnd(64, "2")),
    owners: fc.array(text, { minLength: 1, maxLength: 3 }),
    until: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("2100-01-01") }),
    leftMs: fc.integer({ min: 0, max: 30 * 86_400_000 }),
  }),
});

const RELEASE = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main";
const DIGEST = "7ac20de06489".padEnd(64, "f");
const APP = { image: `ghcr.io/acme/app@sha256:${DIGEST}`, place: 'container "web"' };
const UNSIGNED: Objection = {
  kind: "finding",
  code: "signature/missing",
  subject: APP,
  rule: "acme",
  message: "it has no signature by release",
  signers: { release: RELEASE },
};
const UNBUILT: Objection = {
  ...UNSIGNED,
  code: "provenance/missing",
  message: "it has no SLSA provenance by release",
};
const DOWN: Objection = {
  kind: "fault",
  code: "registry/unavailable",
  subject: { ...APP, place: 'container "side"' },
  message: "ghcr.io does not answer",
};

function lack(what: string, kind: Lack["kind"], rest: string): Lack {
  return { what, kind, rest };
}

function advisory(objections: readonly Objection[]): string[] {
  return warnings({ decision: "warn", mode: "advisory", objections, waived: [], judged: [] });
}

/** The warning of a waiver. */
function waiverSaid(
  differing: Partial<Waived["waiver"]> = {},
  code: FindingCode = "signature/missing",
): string {
  const usual = {
    id: "W-1",
    owners: ["shop"],
    until: new Date("2026-12-01T00:00:00Z"),
    leftMs: 22 * 3_600_000,
  };
  const used = [{ finding: { ...UNSIGNED, code } as Finding, waiver: { ...usual, ...differing } }];
  const [said = ""] = warnings({
    decision: "allow",
    mode: "enforce",
    objections: [],
    waived: used,
    judged: [],
  });
  return said;
}

describe("a denial", () => {
  it("says what, each lack, each fix once, and whom a name stands for once", () => {
    expect(denial({ objections: [UNSIGNED, UNBUILT] }).split("\n")).toEqual([
      'ghcr.io/acme/app@sha256:7ac20de06489 (container "web") is refused by rule acme:',
      "  - it has no signature by release [signature/missing]",
      "  - it has no SLSA provenance by release [provenance/missing]",
      `Do: ${FINDINGS["signature/missing"].fix}`,
      `Do: ${FINDINGS["provenance/missing"].fix}`,
      `release = ${RELEASE}`,
    ]);
  });

  it("says in one line what several findings say of different things", () => {
    const none = [
      { ...UNSIGNED, lack: lack("signature", "missing", "release") },
      { ...UNBUILT, lack: lack("SLSA provenance", "missing", "release") },
      { ...UNBUILT, code: "sbom/missing" as const, lack: lack("SBOM", "missing", "release") },
    ];
    expect(denial({ objections: none }).split("\n").slice(1, -4)).toEqual([
      "  - it has no signature, SLSA provenance or SBOM by release [signature/missing, provenance/missing, sbom/missing]",
    ]);
    const others = [
      {
        ...UNSIGNED,
        code: "signature/untrusted-identity" as const,
        lack: lack("image", "signed", "mallory"),
      },
      { ...UNBUILT, code: "sbom/untrusted-signer" as const, lack: lack("SBOM", "signed", "mallory") },
    ];
    expect(denial({ objections: others })).toContain(
      "\n  - it and its SBOM are signed by mallory [signature/untrusted-identity, sbom/untrusted-signer]\n",
    );
    const apart = [none[0]!, { ...none[1]!, lack: lack("SLSA provenance", "missing", "operations") }];
    expect(denial({ objections: apart }).match(/^ {2}- it has no /gm)).toHaveLength(2);
    const ofOtherRules = [none[0]!, { ...none[1]!, rule: "base" }];
    expect(denial({ objections: ofOtherRules }).match(/^ {2}- it has no /gm)).toHaveLength(2);
  });

  it("shortens the longest fixes first, then identities, where more than 600 characters are too many", () => {
    const padded = (length: number, code: FindingCode): Objection => ({
      ...UNSIGNED,
      code,
      message: "x".repeat(length),
      signers: {},
    });
    const of = (length: number): string =>
      denial({ objections: [padded(length, "signature/missing"), padded(10, "provenance/missing")] });
    const { fix, brief } = FINDINGS["signature/missing"];
    const attest = FINDINGS["provenance/missing"];
    const whole = of(10).length - 10;
    expect(of(600 - whole)).toContain(`Do: ${fix}\nDo: ${attest.fix}`);
    expect(
      of(601 - whole)
        .split("\n")
        .slice(-2),
    ).toEqual([`Do: ${fix}`, `Do: ${attest.brief}`]);
    expect(of(500).split("\n").slice(-1)).toEqual([`Do: ${brief} ${attest.brief}`]);
    const long = { ...UNSIGNED, message: `signed by ${RELEASE}`.padEnd(480) };
    expect(denial({ objections: [long] })).toMatch(
      /signed by github\.com\/acme\/app\/\.{3}\/release\.yml@refs/,
    );
    expect(denial({ objections: [long] })).toMatch(
      /\nrelease = github\.com\/acme\/app\/\.{3}\/release\.yml@/,
    );
  });

  it("counts several images, and tells refused ones from those that could not be checked", () => {
    const said = denial({ objections: [UNSIGNED, DOWN] });
    expect(said.split("\n")[0]).toBe("1 image is refused, 1 could not be checked:");
    expect(said).toContain(
      'app@sha256:7ac20de06489 (container "side"):\n  - ghcr.io does not answer [registry/unavailable]\n',
    );
    expect(denial({ objections: [DOWN] })).toContain('(container "side") could not be checked:\n');
  });

  it("says of one image what is refused and what could not be checked", () => {
    const said = denial({ objections: [UNSIGNED, { ...DOWN, subject: APP }] });
    expect(said).toContain("\n  - not checked: ghcr.io does not answer [registry/unavailable]\n");
  });

  it("names each waiver that ended before anything else, and how to renew it", () => {
    const ended = (id: string, about: typeof UNSIGNED) =>
      ({
        finding: about,
        waiver: { id, owners: ["shop"], until: new Date("2026-11-28T06:00:00Z"), leftMs: 0 },
      }) as Waived;
    const lines = denial({
      objections: [UNSIGNED, UNBUILT],
      expired: [ended("W-5", UNSIGNED), ended("W-6", UNBUILT)],
    }).split("\n");
    expect(lines[1]).toBe(
      "  - waiver W-5 (owner shop) ended at 2026-11-28T06:00:00Z: it has no signature by release [signature/missing]",
    );
    expect(lines.join().match(/it has no signature/g)).toHaveLength(1);
    expect(lines.at(-1)).toBe(`release = ${RELEASE}`);
    expect(lines[2]).toContain("waiver W-6 ");
    expect(lines.join()).toContain("`mc waivers renew W-5`, `mc waivers renew W-6`");
  });

  it("does not tell what follows from something that it tells", () => {
    const revoked: Objection = {
      ...UNSIGNED,
      code: "revocation/signer",
      message: "without it, nothing",
      signers: {},
    };
    const said = denial({ objections: [revoked, { ...UNSIGNED, isConsequence: true }] });
    expect(said).toContain("revocation/signer");
    expect(said).not.toContain("signature/missing");
    expect(denial({ objections: [{ ...UNSIGNED, isConsequence: true }] })).toContain("signature/missing");
  });

  it("gives the advice of the cause where there is one", () => {
    const advice = { fix: "Run `docker login ghcr.io`.", brief: "Log in." };
    expect(denial({ objections: [{ ...DOWN, advice }] })).toContain("\nDo: Run `docker login ghcr.io`.");
    expect(advisory([{ ...DOWN, advice }])[0]).toMatch(/ Log in\.$/);
  });

  it("counts what does not fit, and tells every fix, if briefly", () => {
    const many = Array.from({ length: 40 }, (_, at): Objection => ({
      ...UNSIGNED,
      message: `${at} ${"x".repeat(590)}`,
    }));
    const said = denial({ objections: many });
    expect(said).toMatch(/\n {2}and 38 more; /);
    expect(said).toContain(`\nDo: ${FINDINGS["signature/missing"].brief}\n`);
  });

  it("can be told below a headline, and on one line", () => {
    expect(reasons({ objections: [UNSIGNED] })[0]).toBe(
      "  - it has no signature by release [signature/missing, rule acme]",
    );
    expect(oneLine(denial({ objections: [UNSIGNED, UNBUILT] }))).not.toContain("\n");
  });
});

describe("a warning", () => {
  const CODES = [
    ...Object.entries(FINDINGS).map(([code, { brief }]) => ({ ...UNSIGNED, code, brief })),
    ...Object.entries(FAULTS).map(([code, { brief }]) => ({ ...DOWN, code, brief })),
  ];

  it.each(CODES)("of $code has at most 120 characters, and neither code nor advice is cut", (each) => {
    const image = `registry.internal.example/${"team/".repeat(20)}app@sha256:${DIGEST}`;
    const [said = ""] = advisory([{ ...each, subject: { image, place: "c" } } as Objection]);
    expect(said.length).toBeLessThanOrEqual(120);
    expect(said).toMatch(/^mc-gate (?:would refuse|could not check) regis\S*\.{3}\S*@?sha256:7ac20de06489: /);
    expect(said.endsWith(`: ${each.code}. ${each.brief}`)).toBe(true);
  });

  it("of a waiver says until when, for how long, and what would be refused", () => {
    expect(waiverSaid()).toMatch(
      /^mc-gate: waiver W-1 \(shop\) admits \S+7ac20de06489 until 2026-12-01T00:00:00Z \(22h\): signature\/missing$/,
    );
  });

  it.each(CODES.filter(({ kind }) => kind === "finding"))(
    "of a waiver of $code names its owner, its end and the image, however long the id is",
    ({ code }) => {
      for (const id of ["W-1", "WA-2026-014", "waiver-of-the-payments-team-for-".padEnd(64, "0")]) {
        const said = waiverSaid({ id, owners: ["team-shop"] }, code as FindingCode);
        expect(said.length).toBeLessThanOrEqual(120);
        expect(said).toMatch(/ \(team-shop\)(?: admits|:) \S*7ac20de06489 until 2026-12-01T00:00:00Z/);
        expect(said.endsWith(`: ${code}`)).toBe(true);
      }
    },
  );

  it("of a waiver cuts a long owner only where nothing else is left to cut", () => {
    const owners = ["payments-platform@acme.example"];
    expect(waiverSaid({ id: "WA-2026-014", owners })).toContain(
      "waiver W...26-014 (payments-platform@acme.ex...): ",
    );
    expect(waiverSaid({ owners })).toContain(" (payments-platform@acme.example): ");
  });

  it("of a switch says what comes after it, however long its id is", () => {
    const until = new Date("2026-12-01T00:00:00Z");
    const about = { scope: "everything", by: "ana", reason: "The registry is down.", ticket: "INC-4" };
    const switches = [{ id: "INC-".padEnd(64, "4"), until, ...about }];
    const [said = ""] = warnings({
      decision: "warn",
      mode: "advisory",
      objections: [],
      waived: [],
      judged: [],
      switches,
    });
    expect(said.length).toBeLessThanOrEqual(120);
    expect(said).toMatch(/until 2026-12-01T00:00:00Z \(INC-4\S+\); this is refused after that$/);
  });

  it("that is a note says what happens, however long the names in it are", () => {
    const note = `Deployment's container "${"x".repeat(63)}" names the placeholder "auto"; its image is checked in the pod`;
    const said = noteWarning(note);
    expect(said).toHaveLength(120);
    expect(said).toMatch(
      /^mc-gate: Deployment's.*" names the placeholder "auto"; its image is checked in the pod$/,
    );
  });
});

describe("the sentences that people read", () => {
  it("are bounded, printable, and say code and fix of the first objection, whatever images are called", () => {
    fc.assert(
      fc.property(fc.array(objection, { minLength: 1, maxLength: 20 }), (objections) => {
        const said = denial({ objections });
        expect(said.length).toBeLessThanOrEqual(2048);
        expect(said).toMatch(PRINTABLE);
        expect(said).toContain(objections[0]!.code);
        const { fix, brief } = adviceFor(objections[0]!);
        expect(said.includes(fix) || said.includes(brief)).toBe(true);
      }),
    );
  });

  it("never tell more than sixteen warnings of 120 characters, and none where nothing is to be said", () => {
    fc.assert(
      fc.property(
        fc.array(objection, { maxLength: 40 }),
        fc.array(waived, { maxLength: 40 }),
        fc.constantFrom("allow", "warn", "deny"),
        (objections, used, decision) => {
          const verdict: Verdict = { decision, mode: "advisory", objections, waived: used, judged: [] };
          const said = warnings(verdict);
          expect(said.length).toBeLessThanOrEqual(16);
          for (const each of said) expect(each).toMatch(/^mc-gate[ :][\x20-\x7e]{1,112}$/);
          const isSilent = used.length === 0 && (decision !== "warn" || objections.length === 0);
          expect(said.length === 0).toBe(isSilent);
        },
      ),
    );
  });
});
