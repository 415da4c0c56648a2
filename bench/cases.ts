import { type DocumentSizes, SMALL } from "./documents.ts";
import type { Kind } from "./images.ts";
import type { RegistryReady } from "./registry.ts";
import { reviewOf } from "./reviews.ts";

/** One thing that is measured. */
export interface Case {
  readonly name: string;
  readonly sizes: DocumentSizes;
  readonly kinds: readonly Kind[];
  readonly concurrency: number;
  /** Images in one pod. */
  readonly per: number;
  /** Whether every image of a pod is the same. */
  readonly alike?: boolean;
  /** Whether evidence is collected anew; then each pod is sent once. */
  readonly cold: boolean;
  /** How far away the registry is, ms. */
  readonly delayMs: number;
  /** Most distinct pods; as many as there are images where absent. */
  readonly most?: number;
}

/** Cases that are looked at together; `inTurn` measures them one after the other twice, since they are compared. */
export interface Suite {
  readonly name: string;
  readonly inTurn: boolean;
  readonly cases: readonly Case[];
}

const WARM: Case = {
  name: "warm",
  sizes: SMALL,
  kinds: ["key-legacy"],
  concurrency: 1,
  per: 1,
  cold: false,
  delayMs: 0,
};
const COLD: Case = { ...WARM, name: "cold key", cold: true };
const KEYLESS: Case = {
  ...COLD,
  name: "cold keyless",
  kinds: ["keyless-bundle"],
  sizes: { ...SMALL, policy: "provenance" },
};
const SBOM: Case = {
  ...COLD,
  name: "cold, SBOM not asked",
  kinds: ["sbom"],
  sizes: { ...SMALL, policy: "provenance" },
};
const LARGE = { ...SBOM, sizes: { ...SMALL, policy: "sbom" }, kinds: ["large-sbom"] } as const;

/** Whether a webhook that takes no orders can run a case: its policy asks for the key's signature, and knows one form. */
export function isForPeers({ sizes, kinds }: Case): boolean {
  return sizes === SMALL && kinds.every((kind) => kind === "key-legacy");
}

/** Every suite by name. Lists are as long as one ConfigMap holds, which is what the gate reads at most. */
export const SUITES: readonly Suite[] = [
  {
    name: "warm",
    inTurn: false,
    cases: [
      ...at([1, 16, 64, 400], WARM),
      ...at([1, 16, 64], { ...WARM, name: "warm, 3 images", per: 3 }),
      ...at([1, 16, 64], { ...WARM, name: "warm, 10 images", per: 10 }),
    ],
  },
  {
    name: "cold",
    inTurn: false,
    cases: [
      ...at([1, 16, 64], COLD),
      { ...COLD, name: "cold key, 3 alike", concurrency: 16, per: 3, alike: true },
      ...at([1, 16, 64], { ...COLD, name: "cold key, 20 ms away", delayMs: 20, most: 400 }),
      ...at([1, 16, 64], KEYLESS),
      { ...KEYLESS, name: "cold keyless legacy", kinds: ["keyless-legacy"], concurrency: 16 },
      { ...KEYLESS, name: "cold key bundle", kinds: ["key-bundle"], concurrency: 16 },
      { ...COLD, name: "50 images cold, 20 ms", delayMs: 20, per: 50 },
    ],
  },
  {
    name: "sbom",
    inTurn: false,
    cases: [
      ...at([1, 16, 64], SBOM),
      ...at([1, 16, 64], { ...SBOM, name: "cold, SBOM asked", sizes: { ...SMALL, policy: "sbom" } }),
      { ...LARGE, name: "cold, SBOM of 30 MB" },
      { ...LARGE, name: "warm, SBOM of 30 MB", cold: false, concurrency: 64 },
    ],
  },
  {
    name: "sizes",
    inTurn: true,
    cases: [1, 64].flatMap((concurrency) => [
      { ...WARM, name: "small documents", concurrency },
      { ...WARM, name: "1,000 rules", concurrency, sizes: { ...SMALL, rules: 1000 } },
      { ...WARM, name: "3,000 waivers", concurrency, sizes: { ...SMALL, waivers: 3000 } },
      { ...WARM, name: "8,000 not promotable", concurrency, sizes: { ...SMALL, nonPromotable: 8000 } },
    ]),
  },
];

function at(concurrencies: readonly number[], one: Case): Case[] {
  return concurrencies.map((concurrency) => ({ ...one, concurrency }));
}

/** The pods of a case: each image in one of them where it is cold, in as many pods as there are images where not. */
export function bodiesOf(
  { kinds, per, alike, cold, most = Number.POSITIVE_INFINITY }: Case,
  { images, host }: RegistryReady,
  serviceAccount: string,
): string[] {
  const names = images
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ repository, digest }) => `${host}/${repository}@${digest}`);
  const step = alike === true || !cold ? 1 : per;
  const pods = Math.min(most, Math.floor(names.length / step));
  return Array.from({ length: pods }, (_, pod) => {
    const from =
      alike === true
        ? Array.from({ length: per }, () => pod)
        : Array.from({ length: per }, (__, k) => pod * step + k);
    const chosen = from.map((k) => names[k % names.length]!);
    return reviewOf(pod, chosen, serviceAccount);
  });
}
