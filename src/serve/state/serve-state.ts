import { hostname } from "node:os";

import packageFile from "../../../package.json" with { type: "json" };
import { type ComposedGate, DOCUMENT_NAMES, type DocumentName } from "../../composition/index.ts";
import { digestOf } from "../../core/index.ts";
import { NO_SWITCHES, switchesAt } from "../../enforcement/index.ts";
import type { Metrics } from "../../metrics/index.ts";
import type { JoinedCluster } from "../cluster.ts";
import type { Settings } from "../settings/settings.ts";
import type { GateState } from "./gate-state.ts";
import type { StateDeps } from "./plugin.ts";

/** What the state is read from. */
export interface ServeStateOptions {
  readonly settings: Settings;
  /** The text that the settings were read from. */
  readonly settingsText: string;
  readonly composed: Readonly<Record<DocumentName, Pick<ComposedGate[DocumentName], "status" | "text">>> & {
    readonly enforcement: Pick<ComposedGate["enforcement"], "current">;
  };
  readonly cluster: Pick<JoinedCluster, "client" | "mayState"> | undefined;
  readonly metrics: Pick<Metrics, "drift">;
}

/** What answers questions about the state; undefined where the settings do not ask for it. */
export async function serveState(options: ServeStateOptions): Promise<StateDeps | undefined> {
  const { settings, settingsText, composed, cluster, metrics } = options;
  const { state } = settings;
  if (state === undefined || cluster === undefined) return undefined;
  const { createTokenReview } = await import("../../kube/index.ts");
  const review = createTokenReview(cluster.client);
  const digest = digestOf(settingsText);
  return {
    reviewToken: (token) => review(token, state.audiences),
    may: cluster.mayState,
    state: () => stateOf(settings, digest, composed),
    text: (name) => (name === "settings" ? settingsText : composed[name].text()),
    drift: (counts) => metrics.drift({ ...counts, at: new Date() }),
  };
}

function stateOf(
  { cluster }: Pick<Settings, "cluster">,
  digest: GateState["settings"]["digest"],
  composed: ServeStateOptions["composed"],
): GateState {
  const documents = DOCUMENT_NAMES.map((name) => {
    const { acceptedAt, problems, ...status } = composed[name].status();
    const when = acceptedAt && { acceptedAt: acceptedAt.toISOString() };
    return [name, { ...cluster?.[name], ...status, ...when, problems: problems.length }] as const;
  });
  return {
    version: 1,
    build: packageFile.version,
    instance: hostname(),
    settings: { ...cluster?.settings, digest },
    switches: switchesAt(composed.enforcement.current() ?? NO_SWITCHES, new Date()).map(({ id }) => id),
    documents: Object.fromEntries(documents) as GateState["documents"],
  };
}
