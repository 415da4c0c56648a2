import { readFileSync } from "node:fs";

import {
  type Credential,
  type Evidence,
  parsePublicKey,
  type PublicKey,
  type PullAccess,
} from "../core/index.ts";
import { type Enforcement, NO_SWITCHES, parseEnforcement } from "../enforcement/index.ts";
import {
  type AttachmentMemory,
  createApprovals,
  createGate,
  DEFAULT_LIMITS,
  type GateLimits,
  type GateObserver,
  type WarmableGate,
} from "../gate/index.ts";
import { parsePolicy, type Policy, type SecretKey } from "../policy/index.ts";
import type { ReadElsewhere, RegistryClient, RegistryDeps, RegistrySettings } from "../registry/index.ts";
import { parseRevocations, type Revocations } from "../revocations/index.ts";
import { createTrust, type Trust, type TrustDeps } from "../trust/index.ts";
import { createVerifier, type Verifier, type VerifierOptions } from "../verify/index.ts";
import { NO_WAIVERS, parseWaivers, type Waiver, type WaiverRegistry } from "../waivers/index.ts";
import type { DocumentName } from "./document-table.ts";
import { type AcceptedText, createLastGood, type LastGood } from "./last-good.ts";
import { openRegistries } from "./registries.ts";

/** What a gate is composed of; everything absent has a safe default. */
export interface GateOptions {
  readonly registries: RegistrySettings;
  readonly publicGood: TrustDeps["publicGood"];
  readonly now: () => Date;
  /** Pull secrets, where there is a cluster to read them from. */
  readonly credentials?: (registry: string, access: PullAccess) => Promise<readonly Credential[]>;
  readonly verifier?: VerifierOptions;
  /** Verifies for several gates of a process, and outlives them; a gate has one of its own where absent. */
  readonly sharedVerifier?: Verifier;
  readonly limits?: Partial<GateLimits>;
  /** How much is looked up at once; as the limits' defaults have it where absent. */
  readonly capacity?: {
    /** Look-ups that run; four times as many wait. */
    readonly lookUps: number;
    /** Attachments that are held. */
    readonly attachmentsMib: number;
  };
  readonly observer?: GateObserver;
  /** Reads what registries send where it keeps no one waiting; in this thread where absent. */
  readonly readElsewhere?: ReadElsewhere;
  /** Attachments that outlive the process. */
  readonly memory?: AttachmentMemory;
  /** Called with each answer of a registry: the class of its host, and its status. */
  readonly onRegistryAnswer?: (registry: string, status: string) => void;
  /** Called with a CA file of a registry that has changed and cannot be used. */
  readonly onCaProblem?: (message: string) => void;
  readonly onTrustProblem?: (name: string, message: string) => void;
  /** Files to read instead of those that the policy names, by the name of the trust root. */
  readonly rootFiles?: ReadonlyMap<string, string>;
  /** Called with each text that comes into force. */
  readonly onDocument?: (name: DocumentName, accepted: AcceptedText) => void;
  /** Sees all evidence that the gate judges by, as it is collected. */
  readonly onEvidence?: (evidence: Evidence) => void;
}

/** A gate with the documents that steer it. */
export interface ComposedGate {
  readonly gate: WarmableGate;
  readonly registry: RegistryClient;
  readonly trust: Trust;
  readonly policy: LastGood<Policy>;
  readonly waivers: LastGood<WaiverRegistry>;
  readonly revocations: LastGood<Revocations>;
  readonly enforcement: LastGood<Enforcement>;
  /** Why a waiver does not count by the policy in force, one clause; undefined where it does. */
  readonly approvalProblem: (waiver: Waiver, signal: AbortSignal) => Promise<string | undefined>;
  /** Takes the PEM of a key that the policy names by Secret; undefined where the Secret holds none. */
  readonly offerKey: (key: SecretKey, pem: string | undefined) => void;
  readonly close: () => Promise<void>;
}

/** Look-ups that may wait for each that runs. */
const WAITING_FACTOR = 4;
const MIB = 1024 * 1024;

const SILENT: GateObserver = { phase: () => undefined, cache: () => undefined, waiting: () => undefined };

/** Puts the pipeline together: the only place that knows both the gate and what it is made of. */
export function composeGate(options: GateOptions): ComposedGate {
  const { now } = options;
  const registry = openRegistries(options.registries, registryDeps(options));
  const verifier = options.sharedVerifier ?? createVerifier(options.verifier);
  const trust = createTrust({
    now,
    publicGood: options.publicGood,
    readFile: (path) => readFileSync(path, "utf8"),
    onProblem: options.onTrustProblem ?? (() => undefined),
  });
  const material = followPolicy(trust, options.rootFiles ?? new Map());
  const { policy, waivers, revocations, enforcement } = followed(options, material.onPolicy);
  const documents = { policy: policy.current, revocations: revocations.current };
  const gate = createGate({
    registry,
    verify: watched(verifier.verify, options.onEvidence),
    trust: trust.snapshot,
    ...documents,
    waivers: () => waivers.current() ?? NO_WAIVERS,
    enforcement: () => enforcement.current() ?? NO_SWITCHES,
    now,
    ...(options.memory && { memory: options.memory }),
    observer: options.observer ?? SILENT,
    limits: { ...limitsFor(options), ...options.limits },
  });
  return {
    gate,
    registry,
    trust,
    policy,
    waivers,
    revocations,
    enforcement,
    approvalProblem: createApprovals({ verify: verifier.verify, trust: trust.snapshot, now, ...documents }),
    offerKey: material.offerKey,
    close: async () => {
      await Promise.all([registry.close(), options.sharedVerifier === undefined && verifier.close()]);
    },
  };
}

/** The documents, none of them in force yet. */
function followed(
  { now, onDocument }: Pick<GateOptions, "now" | "onDocument">,
  onPolicy: (policy: Policy) => void,
): Pick<ComposedGate, "policy" | "waivers" | "revocations" | "enforcement"> {
  const told =
    (name: DocumentName) =>
    (_: unknown, accepted: AcceptedText): void =>
      onDocument?.(name, accepted);
  return {
    policy: createLastGood({
      parse: parsePolicy,
      now,
      onAccepted: (policy, accepted) => {
        onPolicy(policy);
        onDocument?.("policy", accepted);
      },
    }),
    waivers: createLastGood({ parse: parseWaivers, now, onAccepted: told("waivers") }),
    revocations: createLastGood({ parse: parseRevocations, now, onAccepted: told("revocations") }),
    enforcement: createLastGood({ parse: parseEnforcement, now, onAccepted: told("enforcement") }),
  };
}

function registryDeps({
  now,
  credentials,
  readElsewhere,
  onCaProblem,
  onRegistryAnswer,
}: GateOptions): RegistryDeps {
  return {
    now,
    ...(credentials && { credentials }),
    ...(readElsewhere && { readElsewhere }),
    ...(onCaProblem && { onProblem: onCaProblem }),
    ...(onRegistryAnswer && { onAnswer: onRegistryAnswer }),
  };
}

/** A host's look-ups follow its connections: one namespace alone, which gets half of the places, can use all of them. */
function limitsFor({ registries, capacity }: Pick<GateOptions, "registries" | "capacity">): GateLimits {
  const { collections, room } = DEFAULT_LIMITS;
  const running = capacity?.lookUps ?? collections.running;
  return {
    ...DEFAULT_LIMITS,
    collections: {
      ...collections,
      running,
      waiting: running * WAITING_FACTOR,
      ofHost: registries.limits.connectionsPerHost * 2,
    },
    room: { ...room, ...(capacity && { atOnce: capacity.attachmentsMib * MIB }) },
  };
}

/** The same verification, with someone who sees its results. */
function watched(verify: Verifier["verify"], onEvidence: GateOptions["onEvidence"]): Verifier["verify"] {
  if (onEvidence === undefined) return verify;
  return async (...input) => {
    const evidence = await verify(...input);
    if (input[0].found.every(({ form }) => form !== "blob")) onEvidence(evidence); // approvals are about no image
    return evidence;
  };
}

/** Loads what the newest policy needs, keys from Secrets as they come. */
function followPolicy(
  trust: Trust,
  rootFiles: ReadonlyMap<string, string>,
): Pick<ComposedGate, "offerKey"> & { readonly onPolicy: (policy: Policy) => void } {
  const keys = new Map<string, PublicKey>();
  let policy: Policy | undefined;
  const load = (): void => {
    if (policy !== undefined) trust.use(needsOf(withRootFiles(policy, rootFiles), keys));
  };
  return {
    onPolicy: (accepted) => {
      policy = accepted;
      load();
    },
    offerKey: ({ id }, pem) => {
      const parsed = pem === undefined ? undefined : parsePublicKey(pem);
      if (parsed?.ok) keys.set(id, { ...parsed.key, id });
      load();
    },
  };
}

/** The policy with other files for its trust roots. Roots that are not files stay as they are. */
function withRootFiles(policy: Policy, files: ReadonlyMap<string, string>): Policy {
  const trustRoots = [...policy.trustRoots].map(([name, root]) => {
    const path = files.get(name);
    return [name, path === undefined || !("path" in root) ? root : { ...root, path }] as const;
  });
  return { ...policy, trustRoots: new Map(trustRoots) };
}

function needsOf(
  { trustRoots, keys, secretKeys }: Policy,
  read: ReadonlyMap<string, PublicKey>,
): Parameters<Trust["use"]>[0] {
  const missingKeys = secretKeys.map(({ id }) => id).filter((id) => !read.has(id));
  return {
    roots: trustRoots,
    keys: [...keys, ...secretKeys.flatMap(({ id }) => read.get(id) ?? [])],
    missingKeys,
  };
}
