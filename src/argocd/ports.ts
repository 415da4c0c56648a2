import type { Callers, ReadPartsElsewhere } from "../admission/index.ts";
import type { CallerProof, Digest, Finding, Mode } from "../core/index.ts";
import type { Gate, JointGate, Warm, WarmOutcome } from "../gate/index.ts";
import type { WorkloadPath } from "../workloads/index.ts";
import type { Report } from "./report.ts";
import type { TargetStore } from "./target/target-store.ts";

export interface ApplicationName {
  readonly namespace: string;
  readonly name: string;
}

/** Whom a token represents. */
export interface TokenUser {
  readonly username: string;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** The metadata of a Pod or a Job, and a Pod's phase and the names of its containers. */
export interface HookMetadata {
  readonly phase?: string | undefined;
  readonly containers?: readonly string[] | undefined;
  readonly name: string;
  readonly uid: string;
  readonly annotations?: Readonly<Record<string, string>> | null | undefined;
  readonly labels?: Readonly<Record<string, string>> | null | undefined;
  readonly ownerReferences?:
    | readonly {
        readonly apiVersion: string;
        readonly kind: string;
        readonly name: string;
        readonly uid: string;
        readonly controller: boolean;
      }[]
    | null
    | undefined;
}

/** What the cluster of the hooks is asked. Each rejects where it cannot be asked; undefined is an answer. */
export interface HookCluster {
  readonly reviewToken: (token: string, audiences: readonly string[]) => Promise<TokenUser | undefined>;
  readonly read: (which: {
    readonly kind: "Pod" | "Job";
    readonly namespace: string;
    readonly name: string;
  }) => Promise<HookMetadata | undefined>;
}

export interface ArgoCd {
  /** The namespace of its control plane. */
  readonly namespace: string;
  /** Whether it serves Applications in a namespace in addition to its own; absent where that is not configured. */
  readonly isApplicationNamespace?: ((namespace: string) => boolean) | undefined;
  /** As its argocd-cm has it, where several share a cluster. */
  readonly installationId?: string | undefined;
  /** The Application as the cluster has it. */
  readonly application: (name: ApplicationName, signal: AbortSignal) => Promise<unknown>;
  /**
   * Asks one replica of its API server several questions, over one connection. Rejects with Fault target/unavailable where
   * the connection is lost between them, since the next one may lead to another replica.
   */
  readonly connected: <T>(use: (replica: ArgoCdReplica) => Promise<T>) => Promise<T>;
}

/** One replica of Argo CD's API server. */
export interface ArgoCdReplica {
  /**
   * The Application that `manifests` renders: both read the replica's own cache, which lags behind the cluster. Undefined
   * where the replica does not know it. Source: argo-cd, server/application/application.go, List and GetManifests.
   */
  readonly cached: (name: ApplicationName, signal: AbortSignal) => Promise<unknown>;
  /** The manifests at these revisions, each a JSON text: one for a single source, else one for each source in order. */
  readonly manifests: (
    name: ApplicationName,
    at: RevisionsOfSources,
    signal: AbortSignal,
  ) => Promise<readonly string[]>;
}

/** The revisions to render. */
export interface RevisionsOfSources {
  readonly revisions: readonly string[];
  /** Whether the Application has a list of sources, be it of one. */
  readonly isMulti: boolean;
}

/** One answer about a sync, for the log, the metrics and the Event. Bounded; holds no secrets. */
export interface SyncRecord {
  readonly askedBy: "presync" | "operation";
  readonly application: ApplicationName & { readonly uid?: string | undefined };
  readonly revisions: readonly string[];
  readonly initiatedBy: string;
  /** Nothing is about to happen: the caller only tries. */
  readonly dryRun: boolean;
  /** Whether the caller proved who it is: a hook by its token, the API server by its client certificate. */
  readonly caller: CallerProof;
  readonly report: Report;
  readonly digests: readonly Digest[];
  /** Time from the request's arrival to its answer, seconds. */
  readonly seconds: number;
}

/** What judging a target takes from outside. */
export interface TargetDeps {
  readonly gate: JointGate;
  readonly argoCds: readonly ArgoCd[];
  /** The mode that holds in a namespace of this cluster; undefined where none is known. */
  readonly modeOf: (namespace: string) => Mode | undefined;
  /** The mode of namespaces without a label. */
  readonly defaultMode: Mode;
  /** The strictest mode of any namespace of this cluster. */
  readonly strictestMode: () => Mode;
  /** The mode in every namespace of other clusters than this one. */
  readonly otherClusters: Mode;
  /** Servers and names by which Applications mean this cluster. */
  readonly thisCluster: readonly string[];
  readonly workloads: readonly WorkloadPath[];
  /** The image of the gate's own hook. */
  readonly ownDigests: readonly Digest[];
  readonly rolloutWindowMs: number;
  readonly now: () => Date;
  /** Called once per answer; must not throw. */
  readonly observe: (record: SyncRecord) => void;
}

/** What `POST /v1/presync` takes from outside. */
export interface PresyncDeps extends TargetDeps {
  readonly cluster: HookCluster;
  readonly audience: string;
  /** Labels that hint at the Application where Argo CD tracks by label; the first one that a hook has counts. */
  readonly instanceLabels: readonly string[];
  /** How long Argo CD may take until its Application says that the hook runs, ms. */
  readonly waitMs: number;
  /** How long rendering and judging may take after that, ms. */
  readonly judgeMs: number;
}

/** What the webhook for Applications takes from outside. */
export interface OperationDeps extends TargetDeps {
  readonly callers: Callers;
  /** Reads large reviews in another thread; in this one where absent. */
  readonly readPartsElsewhere?: ReadPartsElsewhere;
  /** Applications that are never judged, as `namespace/name`: the gate's own, which could not be repaired otherwise. */
  readonly exempt: readonly string[];
  /**
   * What a self-heal is checked against: `judge` all images, or `keep` those that pods of the same namespace run
   * already.
   */
  readonly selfHeal: "judge" | "keep";
  /** The images that the specs of a namespace's running pods name. Rejects where these cannot be listed. */
  readonly runningImages: (namespace: string) => Promise<readonly string[]>;
  /** What becomes of revisions that may move before they are applied, where it enforces: `judge` takes them as they are now. */
  readonly movingRevisions: "refuse" | "judge";
  /** Users by whom Argo CD's controller acts: only their word counts on what is a self-heal and on an operation's state. */
  readonly controllers: readonly string[];
}

/** What `/v1/verdict` takes from outside. */
export interface VerdictDeps {
  readonly gate: Gate;
  readonly cluster: Pick<HookCluster, "reviewToken">;
  /** Audiences; a token must carry one of them. */
  readonly audiences: readonly string[];
  /** Whether someone may ask about a namespace that is not their own. Rejects where it cannot be asked. */
  readonly mayAsk: (user: TokenUser, namespace: string) => Promise<boolean>;
  readonly modeOf: (namespace: string) => Mode | undefined;
  readonly defaultMode: Mode;
  /** Whether a waiver that is written, but does not count yet, would cover a finding. */
  readonly waiverAhead: (finding: Finding, namespace: string) => boolean;
  readonly rolloutWindowMs: number;
  readonly judgeMs: number;
  readonly now: () => Date;
}

/** Who asks: a hook, the start of an operation, or a rollout. */
export type SyncDoor = "presync" | "operation" | "verdict";

/** What was answered, a closed set: `pending` where asking again may help, `unknown` where it does not. */
export type SyncDecision = "allowed" | "refused" | "pending" | "unknown" | "setup";

/** Where answers are counted. Labels are closed sets; nothing out of a question passes here. */
export interface SyncMeter {
  readonly answered: (door: SyncDoor, decision: SyncDecision, seconds: number) => void;
  /** A target was there, or under way, already; was rendered; or could not be. */
  readonly target: (outcome: "stored" | "rendered" | "failed") => void;
  /** Targets that wait for their turn to be rendered. */
  readonly waitingTargets: (count: number) => void;
}

/** Everything that asks about a sync or a rollout. */
export interface SyncDeps {
  readonly presync: PresyncDeps;
  readonly operation: OperationDeps;
  readonly verdict: VerdictDeps;
  readonly targets: TargetStore;
  readonly answered: SyncMeter["answered"];
}

/** What getting ready for operations takes from outside. */
export interface SyncPrewarmDeps {
  readonly operation: OperationDeps;
  readonly targets: TargetStore;
  readonly warm: Warm;
  /** An Application as it is now; undefined where there is none. */
  readonly read: (application: ApplicationName) => Promise<unknown>;
  readonly now: () => Date;
  readonly meter: SyncPrewarmMeter;
}

/** Where getting ready is counted. */
export interface SyncPrewarmMeter {
  /** `dropped` where too many Applications wait already. */
  readonly application: (outcome: "ready" | "failed" | "dropped") => void;
  readonly image: (outcome: WarmOutcome) => void;
  /** Applications that wait for their turn. */
  readonly waiting: (count: number) => void;
}
