import {
  type Asked,
  type Case,
  DIGEST,
  documentOf,
  EMERGENCY,
  type Entry,
  FULL,
  NOW,
  OTHER_DIGEST,
  SHORT,
  without,
} from "./case.ts";

const ASKED: Asked = {
  digest: DIGEST,
  class: "vulnerability",
  ids: ["CVE-2026-0001"],
  image: "ghcr.io/acme/app",
  namespace: "shop",
};

/** Around each edge of a window: its first instant, 48 hours before its end, and its end. */
function clocks(): Case[] {
  const edges = ["2026-11-24T00:00:00Z", "2026-11-29T00:00:00Z", "2026-12-01T00:00:00Z"].map((edge) =>
    Date.parse(edge),
  );
  const waivers: readonly Entry[] = [
    SHORT,
    FULL,
    { ...without(FULL, "ttl"), expires: "2026-12-01T01:00:00+01:00" },
  ];
  return waivers.flatMap((entry, form) =>
    edges.flatMap((edge, at) =>
      [-86_400_000, -1000, -1, 0, 1, 1000, 86_400_000].map((shift, index) => ({
        name: `clock-${form + 1}-${at + 1}-${index + 1}`,
        text: documentOf(entry),
        now: new Date(edge + shift),
        asked: [ASKED],
      })),
    ),
  );
}

/** Clocks that leave the range of nanoseconds that fit 64 bits, and the seed's own. */
function farClocks(): Case[] {
  const far = { ...FULL, created: "9999-12-01T00:00:00Z", ttl: "30d" };
  const seed = { ...SHORT, created: "2025-10-06T00:00:00Z" };
  return [
    { name: "clock-far-1", text: documentOf(far), now: new Date("9999-12-15T00:00:00Z"), asked: [ASKED] },
    { name: "clock-far-2", text: documentOf(far), now: new Date("2262-04-12T00:00:00Z"), asked: [ASKED] },
    { name: "clock-epoch", text: documentOf(FULL), now: new Date(0), asked: [ASKED] },
    { name: "clock-seed-1", text: documentOf(seed), now: new Date("2025-10-13T00:00:00Z"), asked: [ASKED] },
    { name: "clock-seed-2", text: documentOf(seed), now: new Date("2025-10-12T23:59:59Z"), asked: [ASKED] },
  ];
}

function question(name: string, waivers: readonly Entry[], asked: readonly Partial<Asked>[]): Case {
  return {
    name,
    text: documentOf(...waivers),
    now: NOW,
    asked: asked.map((each) => ({ ...ASKED, ...each })),
  };
}

const ELSEWHERE: readonly Partial<Asked>[] = [
  {},
  { digest: OTHER_DIGEST },
  { image: "ghcr.io/acme/web" },
  { image: "ghcr.io/acme/app-2" },
  { image: "" },
  { namespace: "bank" },
  { namespace: "" },
  { namespace: "sho" },
  { class: "sbom" },
  { class: "signature" },
  { class: "provenance" },
  { class: "promotable" },
  { class: "reference" },
  { ids: [] },
  { ids: ["CVE-2026-0001", "CVE-2026-0002"] },
  { ids: ["CVE-2026-0002"] },
  { ids: ["cve-2026-0001"] },
  { ids: ["CVE-2026-0001", "CVE-2026-0001"] },
];
/** Without ids, where undefined would not do: a question has none. */
const NAMELESS = { digest: DIGEST, class: "vulnerability", image: "", namespace: "" } as const;

function named(id: string, keys: Entry): Entry {
  return { ...FULL, id, ...keys };
}

/** Which waiver sets a finding aside, where there are several. */
function questions(): Case[] {
  const narrow = { ...FULL, id: "narrow", image: "ghcr.io/acme/app", namespaces: ["shop", "shop-2"] };
  const signature = without({ ...FULL, class: "signature", id: "sig" }, "findings");
  const documents: readonly (readonly Entry[])[] = [
    [FULL],
    [SHORT],
    [narrow],
    [EMERGENCY],
    [signature],
    [
      { ...EMERGENCY, class: "promotable" },
      { ...signature, class: "sbom", id: "sbom" },
    ],
    [named("a", { ttl: "5d" }), named("b", { ttl: "9d" }), named("c", { ttl: "7d" })],
    [named("a", {}), named("b", {}), named("c", {})],
    [named("b", {}), named("a", { expires: "2026-12-01T00:00:00Z" })],
    [named("a", { ttl: "1h" }), named("b", { created: "2026-11-25T00:00:00Z" })],
    [named("a", { findings: ["CVE-2026-0001"] }), named("b", { findings: ["CVE-2026-0002"] })],
    [named("a", { findings: ["CVE-2026-0002", "CVE-2026-0001"] }), SHORT],
    [named("a", { ttl: "90d" }), named("b", {})],
    [named("a", {}), named("a", {})],
    [named("a", { namespaces: ["bank"] }), named("b", { namespaces: ["shop"], ttl: "1d" })],
  ];
  const asked = documents.map((each, index) => question(`question-${index + 1}`, each, ELSEWHERE));
  return [
    ...asked,
    { name: "question-nameless-1", text: documentOf(FULL), now: NOW, asked: [NAMELESS] },
    { name: "question-nameless-2", text: documentOf(SHORT), now: NOW, asked: [NAMELESS] },
  ];
}

/** Every question of time and place. */
export function clockCases(): Case[] {
  return [...clocks(), ...farClocks(), ...questions()];
}
