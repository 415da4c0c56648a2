import { hostname } from "node:os";

import type { Logger } from "pino";

import type { DocumentName } from "../composition/index.ts";
import type { Credential, Mode, PullAccess } from "../core/index.ts";
import type { GuardRecord, Authorize } from "../guard/index.ts";
import type {
  AccessSubject,
  AskedRight,
  ConnectOptions,
  KubeClient,
  TellEvent,
  WatchedNamespaceModes,
} from "../kube/index.ts";
import { followCluster, type FollowedDocuments, type FollowOptions } from "./documents/documents.ts";
import { createGuardTeller } from "./logs/guard-log.ts";
import type { LargeReader } from "./reader/reader.ts";
import { withSetting } from "./settings/setting-error.ts";
import type { Settings } from "./settings/settings.ts";

type ClusterSettings = NonNullable<Settings["cluster"]>;

/** What the gate takes from its cluster. */
export interface JoinedCluster {
  readonly client: KubeClient;
  readonly tellEvent: TellEvent;
  readonly credentials: (registry: string, access: PullAccess) => Promise<readonly Credential[]>;
  readonly may: Authorize;
  /** Whether someone may get verdicts.mc-gate.dev in a namespace. */
  readonly mayAsk: (who: AccessSubject, namespace: string) => Promise<boolean>;
  /** Whether someone has a right to states.mc-gate.dev in the gate's namespace. */
  readonly mayState: (who: AccessSubject, verb: "get" | "update") => Promise<boolean>;
  readonly modeOf: (namespace: string) => Mode | undefined;
  /** The strictest mode of any namespace; those without a label have the default. */
  readonly strictestMode: () => Mode;
  /** The mode that each namespace's label asks for, undefined where it has none; undefined before they are known. */
  readonly namespaceModes: () => readonly (Mode | undefined)[] | undefined;
  readonly isTerminating: (namespace: string) => boolean;
  /** Reports a decision of the guard by an Event. */
  readonly tellGuard: (record: GuardRecord) => void;
  readonly follow: (options: Pick<FollowOptions, "composed" | "large">) => Promise<FollowedDocuments>;
  /** Names of what was not read yet. */
  readonly missing: () => string[];
  readonly close: () => Promise<void>;
}

export interface JoinOptions {
  readonly settings: ClusterSettings;
  readonly log: Logger;
  readonly reader: Pick<LargeReader, "run">;
}

/** Connects to the cluster and begins to watch namespaces. The Kubernetes client is loaded only here. */
export async function joinCluster({ settings, log, reader }: JoinOptions): Promise<JoinedCluster> {
  const { connect, createAccessReview, createEvents, createPullSecrets, watchNamespaceModes } =
    await import("../kube/index.ts");
  const { kubeconfig, namespace, pullSecrets, workloadPullSecrets } = settings;
  const readElsewhere: ConnectOptions["readElsewhere"] = (...input) => reader.run("readJsonParts", ...input);
  const client = withSetting("cluster.kubeconfig", () => connect({ kubeconfig, readElsewhere }));
  const warn =
    (what: string) =>
    ({ message }: Error) =>
      log.warn({ message }, what);
  const modes = watchNamespaceModes({ client, onTrouble: warn("watching namespaces failed; retrying") });
  const teller = (): TellEvent =>
    createEvents({ client, instance: hostname(), onTrouble: warn("an Event could not be recorded") });
  const tellEvent = teller();
  const may = createAccessReview(client);
  return {
    client,
    tellEvent,
    may,
    ...readersRights(namespace, may),
    credentials: createPullSecrets({
      client,
      own: { namespace, names: pullSecrets },
      workloadSecrets: workloadPullSecrets,
      onTrouble: ({ message }, place) => log.warn({ place, message }, "a pull secret could not be used"),
    }),
    modeOf: (name) => labelledMode(modes.modeOf(name)),
    strictestMode: () => modes.strictest(settings.defaultMode),
    namespaceModes: () => (modes.synced() ? modes.all() : undefined),
    isTerminating: modes.isTerminating,
    tellGuard: createGuardTeller(namespace, teller),
    follow: (options) =>
      followCluster(client, settings, { ...options, log, tell: tellOf(settings, tellEvent) }),
    missing: () => (modes.synced() ? [] : ["namespaces"]),
    close: async () => {
      modes.stop();
      await client.close();
    },
  };
}

/** Rights of those who ask about verdicts and about the state. */
function readersRights(
  namespace: string,
  may: (who: AccessSubject, right: AskedRight) => Promise<boolean>,
): Pick<JoinedCluster, "mayAsk" | "mayState"> {
  return {
    mayAsk: (who, asked) => may(who, { verb: "get", resource: "verdicts", namespace: asked, name: "" }),
    mayState: (who, verb) => may(who, { verb, resource: "states", namespace, name: "" }),
  };
}

function labelledMode(mode: ReturnType<WatchedNamespaceModes["modeOf"]>): Mode | undefined {
  return mode.known ? mode.mode : undefined;
}

/** An Event at the ConfigMap whose newest text was refused. */
function tellOf(settings: ClusterSettings, tellEvent: TellEvent) {
  return (document: DocumentName, note: string): void => {
    const { configMap: name } = settings[document];
    const regarding = { apiVersion: "v1", kind: "ConfigMap", namespace: settings.namespace, name };
    tellEvent({ regarding, reason: "BadDocument", action: "KeepLastGood", type: "Warning", note });
  };
}
