import type {
  Attachments,
  Digest,
  Evidence,
  ImageContents,
  ImageRef,
  Mode,
  OwnResources,
  PinnedImage,
  PullAccess,
  Subject,
  TrustSnapshot,
  Verdict,
} from "../core/index.ts";
import type { Enforcement } from "../enforcement/index.ts";
import type { Policy } from "../policy/index.ts";
import type { Revocations } from "../revocations/index.ts";
import type { WaiverRegistry } from "../waivers/index.ts";
import type { ByteBudgetLimits } from "./evidence/byte-budget.ts";
import type { SchedulerLimits } from "./evidence/fair-scheduler.ts";

/** The steps whose time is measured, in the order of the pipeline. */
export type Phase = "resolve" | "list" | "fetch" | "verify" | "judge";

/** What a registry is asked. Failures are thrown as faults; "there is none" is undefined or an empty list. */
export interface RegistryPort {
  readonly resolve: (
    ref: ImageRef,
    access: PullAccess,
    signal: AbortSignal,
    own: OwnResources,
  ) => Promise<Digest | undefined>;
  /** Under which digests an image is known, and what it leads to; undefined where the registry has none of it. */
  readonly contents: (
    image: PinnedImage,
    access: PullAccess,
    signal: AbortSignal,
    own: OwnResources,
  ) => Promise<ImageContents | undefined>;
  readonly attachments: (
    image: PinnedImage,
    access: PullAccess,
    wanted: {
      readonly wantsPredicate: (hint: string | undefined) => boolean;
      /** Whether a part may do: places that usually hold nothing are then left out, and the answer says so. */
      readonly likelyLocations: boolean;
      /** Called once, when it is known what there is, and little of it is fetched yet. */
      readonly onListed?: () => void;
    } & OwnResources,
    signal: AbortSignal,
  ) => Promise<Attachments>;
}

/** Where the gate's results are counted. Labels are closed sets; no image name passes here. */
export interface GateObserver {
  readonly phase: (phase: Phase, seconds: number) => void;
  readonly cache: (outcome: "hit" | "miss" | "stale") => void;
  /** Called with +1 where a collection begins to wait for its turn, and with -1 where it comes. */
  readonly waiting: (change: 1 | -1) => void;
}

/** Attachments that outlive the process. What comes back is verified like any other, so that nothing in it is trusted. */
export interface AttachmentMemory {
  /** Remembers what a registry holds about an image. Returns at once; what cannot be kept is forgotten. */
  readonly store: (key: string, attachments: Attachments, at: Date) => void;
  /** Gives up what was kept under a key, and whatever is being kept under it. Returns at once. */
  readonly forget: (key: string) => void;
  /** What was kept, and when it was fetched. Never rejects: what cannot be read is nothing. */
  readonly load: (key: string) => Promise<StoredAttachments | undefined>;
}

/** What was kept under a key. */
export interface StoredAttachments {
  readonly attachments: Attachments;
  /** When they were fetched. */
  readonly at: Date;
  /** Whether no one was asked for credentials: then everyone is shown the same. */
  readonly isOpen?: boolean | undefined;
}

/** Everything the gate takes from outside. */
export interface GateDeps {
  readonly registry: RegistryPort;
  readonly verify: (
    attachments: Attachments,
    trust: TrustSnapshot,
    now: Date,
    options: {
      readonly predicateTexts: readonly string[];
      /** The namespace whose part of the threads it takes; no particular one where absent. */
      readonly share?: string;
    },
  ) => Promise<Evidence>;
  /** Throws Fault trust/unavailable where nothing usable is loaded. */
  readonly trust: () => TrustSnapshot;
  /** Undefined until a valid policy was loaded once. */
  readonly policy: () => Policy | undefined;
  readonly waivers: () => WaiverRegistry;
  /** Undefined until a valid list was loaded once; an empty one is valid. */
  readonly revocations: () => Revocations | undefined;
  /** What is switched off; nothing where absent. */
  readonly enforcement?: () => Enforcement;
  readonly now: () => Date;
  /** Asked where a registry gives nothing and nothing is known of an image; none where absent. */
  readonly memory?: AttachmentMemory;
  readonly observer: GateObserver;
  readonly limits: GateLimits;
}

/** Bounds of the evidence cache and of collections. */
export interface GateLimits {
  /** Most digests whose evidence is kept. */
  readonly cacheEntries: number;
  /**
   * Most that all of it may hold, in facts of about 250 bytes; the evidence that was used last stays. A tenth of it in
   * addition is for what others have read again since.
   */
  readonly cacheFacts: number;
  /** Evidence older than this is collected again before it is used, ms; behind an answer from two thirds of it on. */
  readonly refreshAfterMs: number;
  /** Evidence older than this is not used even while its registry is down, ms. */
  readonly staleLimitMs: number;
  /**
   * Evidence older than this is collected again before it leads to a refusal, ms: an image may have been signed since.
   */
  readonly recheckAfterMs: number;
  /** How long a request waits for a slow registry while there is older evidence that may be used, ms. */
  readonly patienceMs: number;
  /** After a failed collection the next one for the same image begins this much later, while there is older evidence, ms. */
  readonly retryAfterMs: number;
  /** One collection may take this long, ms; it outlives the request that began it. */
  readonly collectMs: number;
  /** Look-ups that run and wait at once. What is past them is refused as overload. */
  readonly collections: SchedulerLimits;
  /** Attachments that collections hold in memory. */
  readonly room: ByteBudgetLimits;
}

/** One request for a verdict. */
export interface GateRequest {
  readonly namespace: string;
  /** The mode of this moment: asked again after all waiting, since it may have changed meanwhile. Must not throw. */
  readonly mode: () => Mode;
  readonly subjects: readonly Subject[];
  readonly access: PullAccess;
  /** Aborts when the answer is due. */
  readonly signal: AbortSignal;
}

/** The one way to a verdict. */
export interface Gate {
  /** Never rejects: what could not be known becomes a fault notice of the verdict. */
  readonly admit: (request: GateRequest) => Promise<Verdict>;
}

/** The way to the verdicts on what is applied together: all of them are made by one snapshot. */
export interface JointGate {
  /** One verdict for each request, in their order. Never rejects. */
  readonly admitAll: (requests: readonly GateRequest[]) => Promise<Verdict[]>;
}

/** An image whose evidence is wanted before anyone asks for a verdict. */
export interface WarmRequest {
  readonly image: string;
  readonly namespace: string;
  readonly access: PullAccess;
}

/**
 * The outcome: evidence was `collected` from its registry, `recalled` from what was kept over a restart, or `known`
 * already; the image was `skipped`, since no rule asks for evidence of it or it has no digest; or it `failed`.
 */
export type WarmOutcome = "collected" | "recalled" | "known" | "skipped" | "failed";

/** Never rejects. Says `busy`, and begins nothing, while there is much to do for those who wait. */
export type Warm = (request: WarmRequest) => Promise<WarmOutcome | "busy">;

/** A gate that can look up evidence ahead. No verdict is made by that, and none is changed by its failure. */
export interface WarmableGate extends Gate, JointGate {
  readonly warm: Warm;
}
