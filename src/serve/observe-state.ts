import packageFile from "../../package.json" with { type: "json" };
import { type ComposedGate, DOCUMENT_NAMES } from "../composition/index.ts";
import { type Enforcement, isRepetition, NO_SWITCHES, switchesAt } from "../enforcement/index.ts";
import type { Metrics, Readings } from "../metrics/index.ts";
import { type CertificateSource, endOfCertificate } from "../server/index.ts";
import type { Waiver } from "../waivers/index.ts";
import type { JoinedCluster } from "./cluster.ts";
import { settingsDangers } from "./settings/dangers.ts";
import { defaultModeOf, type Settings } from "./settings/settings.ts";
import type { OwnWebhooks } from "./watch-own-webhooks.ts";

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** What is observed. */
export interface ObservedState {
  readonly metrics: Metrics;
  readonly settings: Pick<Settings, "cluster" | "registries">;
  readonly composed: ComposedGate;
  readonly certificate: CertificateSource;
  readonly webhooks: OwnWebhooks;
  readonly cluster: Pick<JoinedCluster, "namespaceModes"> | undefined;
}

/** Has the metrics read the state of the gate at each scrape. */
export function observeState(state: ObservedState): void {
  const { metrics, settings, composed, certificate, cluster, webhooks } = state;
  const ofSettings = settingsDangers(settings).map(({ name }) => name);
  const defaultMode = defaultModeOf(settings);
  metrics.read({
    version: packageFile.version,
    documents: () => documentsOf(composed),
    dangers: () => [...ofSettings, ...(composed.policy.current()?.dangers ?? [])],
    waivers: () => endingWaivers(composed.waivers.current()?.waivers ?? [], new Date()),
    switches: () => switchReadings(composed.enforcement.current() ?? NO_SWITCHES, new Date()),
    namespaceModes: () => cluster?.namespaceModes()?.map((mode) => mode ?? defaultMode),
    webhooks: webhooks.current,
    trustAges: composed.trust.ages,
    certificateEnd: () => endOfCertificate(certificate.current()),
    isCertificateRefused: certificate.isRefused ?? (() => false),
    authorityEnds: certificate.authorityEnds ?? (() => []),
  });
}

function switchReadings(enforcement: Enforcement, now: Date): ReturnType<Readings["switches"]> {
  return switchesAt(enforcement, now).map((each) => ({
    scope: each.namespace !== undefined ? "namespace" : each.rule !== undefined ? "rule" : "all",
    until: each.until,
    isRepeated: isRepetition(each, enforcement),
    isConfirmed: each.confirmed !== undefined,
  }));
}

function documentsOf(composed: ComposedGate): ReturnType<Readings["documents"]> {
  return DOCUMENT_NAMES.map((name) => {
    const { problems, ...status } = composed[name].status();
    return { name, ...status, problems: problems.length };
  });
}

/** Those that end next come first; what ended a week ago is no one's concern any more. */
export function endingWaivers(waivers: readonly Waiver[], now: Date): readonly Waiver[] {
  return waivers
    .filter(({ until }) => until.getTime() > now.getTime() - WEEK_MS)
    .toSorted((one, other) => one.until.getTime() - other.until.getTime());
}
