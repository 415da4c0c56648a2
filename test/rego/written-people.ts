import { type Case, casesOf, EMERGENCY, type Entry, FULL, without } from "./case.ts";

function approval(by: string, seat = "devsecops"): Entry {
  return { by, seat, at: "2026-11-23T10:00:00Z" };
}

function approvedBy(...names: readonly string[]): Entry {
  return { approvals: names.map((name) => approval(name)) };
}

/** Names that look alike, or are alike once they are normalised. */
const LOOKALIKES = [
  ["ana", "аna"],
  ["ana", "Σωκράτης"],
  ["ana", "سامي"],
  ["ana", "sam😀"],
  ["İ", "i"],
  ["ﬁ", "fi"],
  ["e\u0301va", "éva"],
  ["ａｎａ", "ana"],
  ["ſam", "sam"],
  ["ana\u00a0", "ana"],
] as const;

/** Names of one person, or of two. */
const SPELLINGS = [
  ["ana", "ana@acme.test"],
  ["Ana@acme.test", "@ana"],
  ["oidc:ana", "ana"],
  ["system:serviceaccount:shop:ana", "sso/ana@acme.test"],
  ["ana@acme.test", "ana@acme.example"],
  ["ana", "anna"],
  ["ana@acme.test", "acme.test"],
  ["a/ana", "b/mia"],
  ["ana:", "mia:"],
  ["@", "@"],
  ["@@ana", "@ana"],
  ["@ana@acme.test", "ana"],
  ["a:b", "c:b"],
  ["a@b/c", "a"],
  ["x/@acme", "y/@acme"],
  ["oidc: ana@acme.test", "ana"],
  ["oidc:@ana", "ana"],
  ["oidc:@ ana", "ana"],
  ["ana @acme.test", "ana"],
  ["@@ana", "ana"],
  ["@ @ana", "ana"],
  ["ana@acme.test/", "ana"],
  ["ana:/ ", "ana"],
  ["ACME\\ana", "ana"],
  ["https://sso.acme.test#ana", "ana"],
  ["auth0|ana", "ana"],
  ["ana+2@acme.test", "ana"],
  ["ana +2@acme.test", "ana+3"],
  ["+ana@acme.test", "+mia@acme.test"],
  ["+ana", "ana"],
  ["Ana <ana@acme.test>", "ana"],
  ["Ana <ana@acme.test>", "Mia <ana@acme.test>"],
  ["Ana <ana@acme.test>", "Ana <mia@acme.test>"],
  ["ana-2@acme.test", "ana"],
  ["ana.silva@acme.test", "ana"],
  ["a+b/ana", "mia+b/ana"],
] as const;

/** Who approves, and whether that is somebody else. */
function people(): Case[] {
  return casesOf("people", [
    [{ ...FULL, ...approvedBy("ana") }],
    [{ ...FULL, ...approvedBy("sam", "ana") }],
    [{ ...FULL, ...approvedBy("ANA") }],
    [{ ...FULL, ...approvedBy(" ana ") }],
    [{ ...FULL, requestedBy: " Ana", ...approvedBy("aNa  ") }],
    [{ ...FULL, ...approvedBy("@ana") }],
    [{ ...FULL, ...approvedBy("ana@acme.test") }],
    [{ ...FULL, ...approvedBy("an a") }],
    [{ ...FULL, requestedBy: "ÉVA", ...approvedBy("éva") }],
    [{ ...FULL, requestedBy: "ŁUKASZ", ...approvedBy("łukasz") }],
    [{ ...FULL, requestedBy: "ИРИНА", ...approvedBy("ирина") }],
    [{ ...FULL, requestedBy: "ЁЛКА", ...approvedBy("ёлка") }],
    [{ ...FULL, requestedBy: "李雷", ...approvedBy("李雷") }],
    [{ ...FULL, requestedBy: "Žofie", ...approvedBy("žofie", "zofie") }],
    [{ ...FULL, requestedBy: "ß", ...approvedBy("ss") }],
    [{ ...FULL, requestedBy: "ı", ...approvedBy("i") }],
    [{ ...FULL, requestedBy: "a", ...approvedBy("а") }],
    [{ ...without(FULL, "requestedBy"), ...approvedBy("ana", "team-shop") }],
    [{ ...FULL, ...approvedBy("team-shop") }],
    [{ ...FULL, ...approvedBy("sam", "sam") }],
    [{ ...FULL, ...approvedBy("sam", "SAM") }],
    [{ ...FULL, ...approvedBy("sam", " sam") }],
    [{ ...FULL, ...approvedBy("sam", "mia", "Sam ") }],
    [{ ...FULL, ...approvedBy("ana", "Ana") }],
    [{ ...FULL, ...approvedBy("é", "É") }],
    [{ ...FULL, ...approvedBy("мир", "МИР") }],
    [{ ...without(FULL, "approvals"), requestedBy: "ﬁ", owners: ["Ωmega"] }],
    ...LOOKALIKES.map(([requestedBy, by]) => [{ ...FULL, requestedBy, ...approvedBy(by) }]),
    [{ ...FULL, owners: ["Éva"], ...approvedBy("sam") }],
    ...SPELLINGS.flatMap(([one, other]) => [
      [{ ...FULL, requestedBy: one, ...approvedBy(other) }],
      [{ ...FULL, ...approvedBy(one, other) }],
    ]),
  ]);
}

/** Both seats by one person under two names. */
const SPELLED_SEATS: readonly Entry[] = [
  { approvals: [approval("sam"), approval("sam@acme.test", "release-manager")] },
  { approvals: [approval("sam"), approval("ѕam", "release-manager")] },
  { requestedBy: "oidc:sam" },
  { owners: ["team-shop", "mia@acme.test"] },
];

/** Both seats of an emergency, and the ways to fill them. */
function seats(): Case[] {
  const manager = "release-manager";
  const rows: readonly Entry[] = [
    {},
    { approvals: [] },
    { approvals: [approval("mia", manager)] },
    { approvals: [approval("sam")] },
    { approvals: [approval("sam"), approval("mia")] },
    { approvals: [approval("sam", manager), approval("mia", manager)] },
    { approvals: [approval("sam"), approval("mia", manager)] },
    { approvals: [approval("sam"), approval("sam", manager)] },
    { approvals: [approval("sam"), approval("SAM", manager)] },
    { approvals: [approval("sam"), approval("ana", manager)] },
    { approvals: [approval("sam"), approval("ANA ", manager)] },
    { approvals: [approval("sam"), approval("team-shop", manager)] },
    { approvals: [approval("Team-Shop"), approval("mia", manager)] },
    { approvals: [approval("team-shop"), approval("mia", manager), approval("sam")] },
    { approvals: [approval("sam"), approval("sam", manager), approval("mia")] },
    { approvals: [approval("sam"), approval("sam", manager), approval("mia", manager)] },
    { approvals: [approval("sam", "DevSecOps"), approval("mia", manager)] },
    { approvals: [approval("sam", " devsecops"), approval("mia", manager)] },
    { approvals: [approval("sam", "service-owner"), approval("mia", manager)] },
    { approvals: [approval("sam"), approval("mia", manager), approval("eve", "service-owner")] },
    { owners: ["sam", "team-shop"] },
    { owners: ["team-shop", "MIA"] },
    { requestedBy: "sam" },
    ...SPELLED_SEATS,
    { ttl: "73h" },
    { findings: ["CVE-2026-0001"] },
  ];
  const both = rows.flatMap((keys) => [
    [{ ...EMERGENCY, ...keys }],
    [{ ...EMERGENCY, class: "promotable", ...keys }],
  ]);
  const others = ["signature", "sbom"].map((name) => [{ ...EMERGENCY, class: name, approvals: [] }]);
  const owned = { ...without(EMERGENCY, "owners"), owner: "sam" };
  return casesOf("seat", [...both, ...others, [owned], [without(EMERGENCY, "requestedBy")]]);
}
/** What people agree to, and who they are. */
export function peopleCases(): Case[] {
  return [...people(), ...seats()];
}
