import {
  type Attachments,
  digestOf,
  type Evidence,
  Fault,
  type Gap,
  type PinnedImage,
  type TrustSnapshot,
} from "../../src/core/index.ts";
import type { EvidenceQuery } from "../../src/gate/evidence/collect.ts";
import { DEFAULT_LIMITS, type GateDeps } from "../../src/gate/index.ts";

/** An image by digest. */
export const IMAGE: PinnedImage = { registry: "ghcr.io", repository: "acme/app", digest: digestOf("image") };
/** A question about it. */
export const QUERY: EvidenceQuery = {
  image: IMAGE,
  access: {},
  wantsPredicate: () => true,
  predicateTexts: [],
  wants: "*",
  acceptsPartial: false,
  needsAllEvidence: true,
};

interface State {
  now: number;
  generation: string;
  down: boolean;
  /** What its registry does not give. */
  gaps: readonly Gap[];
  otherSubject?: typeof IMAGE.digest;
  /** When what is kept over a restart was fetched; nothing is kept where absent. */
  keptAt?: number;
}

/** What an evidence store is made of, with a registry that can be down, and what was asked of whom. */
export interface EvidenceWorld {
  readonly deps: GateDeps;
  /** Repositories in the order in which the registry was asked about them. */
  readonly calls: string[];
  /** What the metrics were told. */
  readonly outcomes: string[];
  readonly set: (change: Partial<State>) => void;
}

/** An image that is no index. */
const plainContents: GateDeps["registry"]["contents"] = ({ digest }) =>
  Promise.resolve({ digests: [digest], parts: [], absent: [], checkpoint: undefined });

/** A world at time 0 in which everything works, and every image has evidence that says nothing. */
export function evidenceWorld(): EvidenceWorld {
  const state: State = { now: 0, generation: "g1", down: false, gaps: [] };
  const calls: string[] = [];
  const outcomes: string[] = [];
  const attachments: GateDeps["registry"]["attachments"] = (asked, _, wanted): Promise<Attachments> => {
    calls.push(`${asked.registry}/${asked.repository}`);
    if (state.down) return Promise.reject(new Fault("registry/unavailable", "down"));
    const isPartial = wanted.likelyLocations ? { isPartial: true as const } : {};
    return Promise.resolve({ ...nothingAbout(asked), gaps: state.gaps, ...isPartial });
  };
  const kept = nothingAbout(IMAGE);
  const deps: GateDeps = {
    registry: { attachments, resolve: () => Promise.resolve(undefined), contents: plainContents },
    verify: (found, trust, now) => Promise.resolve(evidenceOf(state.otherSubject, found, trust, now)),
    trust: () => ({ generation: state.generation, roots: [], keys: [] }),
    policy: () => undefined,
    revocations: () => undefined,
    waivers: () => {
      throw new Error("not asked by the store");
    },
    now: () => new Date(state.now),
    memory: {
      store: () => undefined,
      forget: () => undefined,
      load: () =>
        Promise.resolve(
          state.keptAt === undefined ? undefined : { attachments: kept, at: new Date(state.keptAt) },
        ),
    },
    observer: {
      phase: () => undefined,
      cache: (outcome) => outcomes.push(outcome),
      waiting: () => undefined,
    },
    limits: DEFAULT_LIMITS,
  };
  return { deps, calls, outcomes, set: (change) => Object.assign(state, change) };
}

function nothingAbout({ digest }: PinnedImage): Attachments {
  return {
    subject: digest,
    found: [],
    skipped: [],
    gaps: [],
    searched: [],
    wantedCredentials: () => false,
  };
}

function evidenceOf(
  otherSubject: Evidence["subject"] | undefined,
  { subject, gaps, isPartial }: Attachments,
  { generation }: TrustSnapshot,
  now: Date,
): Evidence {
  return {
    subject: otherSubject ?? subject,
    trustGeneration: generation,
    collectedAt: now,
    signatures: [],
    attestations: [],
    rejections: [],
    gaps,
    searched: [],
    ...(isPartial && { isPartial }),
  };
}

/** Whatever was begun behind an answer is done, unless it waits for something. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
