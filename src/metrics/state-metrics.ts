import type { Registry } from "prom-client";

import { type DangerName, DANGERS, type Mode, MODES } from "../core/index.ts";
import { readGauges, type SetGauge } from "./read-gauges.ts";

/** Waivers that have their own series. */
export const MAX_WAIVERS = 200;

/** State that is read when someone scrapes. */
export interface Readings {
  readonly version: string;
  readonly documents: () => readonly DocumentReading[];
  /** Dangerous settings in force, once for each place. */
  readonly dangers: () => readonly DangerName[];
  /** Waivers in force, with the first instant at which each no longer counts. */
  readonly waivers: () => readonly { readonly id: string; readonly until: Date }[];
  /** The switches in force. */
  readonly switches: () => readonly SwitchReading[];
  /** The mode of each namespace; undefined where they are not known. */
  readonly namespaceModes: () => readonly Mode[] | undefined;
  /** The webhooks by which the API server asks; none where their configuration is gone, undefined where it is not watched. */
  readonly webhooks: () => readonly WebhookReading[] | undefined;
  /** Age by kind of source, seconds. */
  readonly trustAges: () => readonly { readonly source: string; readonly seconds: number }[];
  readonly certificateEnd: () => Date | undefined;
  /** Whether the newest certificate cannot be used. */
  readonly isCertificateRefused: () => boolean;
  /** The authorities that the API server is told to trust, where the gate issues them itself. */
  readonly authorityEnds: () => readonly { readonly authority: "current" | "previous"; readonly end: Date }[];
}

/** One switch in force. */
export interface SwitchReading {
  readonly scope: "all" | "namespace" | "rule";
  readonly until: Date;
  readonly isRepeated: boolean;
  readonly isConfirmed: boolean;
}

/** What is known of one document. */
export interface DocumentReading {
  readonly name: string;
  readonly acceptedAt: Date | undefined;
  readonly problems: number;
  /** Digest of the text in force; undefined where none is. */
  readonly digest: string | undefined;
}

/** What the API server has of one webhook. */
export interface WebhookReading {
  readonly name: string;
  readonly failurePolicy: string;
  /** Whether the API server trusts the certificate that this replica serves; `absent` where there is no caBundle. */
  readonly caBundle: "ok" | "wrong" | "absent";
  readonly scope: string;
}

/** What a scrape tells back: series that must be there before their first event. */
export interface ScrapeHandlers {
  readonly onWaivers: (ids: readonly string[]) => void;
}

/** Of a digest in a label: enough to see that two replicas differ. */
const DIGEST_LENGTH = "sha256:".length + 12;

/** Makes the gauges that are read at each scrape. What is not there any more has no series. */
export function stateMetrics(registry: Registry, readings: Readings, { onWaivers }: ScrapeHandlers): void {
  const set = readGauges(registry);
  set("mc_gate_build_info", (gauge) => gauge.set({ version: readings.version }, 1));
  setDocuments(set, readings);
  setDangers(set, readings);
  set("mc_gate_waiver_expiry_timestamp_seconds", (gauge) => {
    const waivers = readings.waivers().slice(0, MAX_WAIVERS);
    for (const { id, until } of waivers) gauge.set({ waiver: id }, unix(until));
    onWaivers(waivers.map(({ id }) => id));
  });
  setSwitches(set, readings);
  set("mc_gate_namespaces", (gauge) => {
    const modes = readings.namespaceModes();
    if (modes === undefined) return;
    for (const mode of MODES) gauge.set({ mode }, modes.filter((each) => each === mode).length);
  });
  setWebhooks(set, readings);
  set("mc_gate_trust_age_seconds", (gauge) => {
    for (const { source, seconds } of readings.trustAges()) gauge.set({ source }, seconds);
  });
  set("mc_gate_certificate_expiry_timestamp_seconds", (gauge) => gauge.set(unix(readings.certificateEnd())));
  set("mc_gate_certificate_refused", (gauge) => gauge.set(Number(readings.isCertificateRefused())));
  set("mc_gate_authority_expiry_timestamp_seconds", (gauge) => {
    for (const { authority, end } of readings.authorityEnds()) gauge.set({ authority }, unix(end));
  });
}

function setDocuments(set: SetGauge, { documents }: Pick<Readings, "documents">): void {
  set("mc_gate_document_good_timestamp_seconds", (gauge) => {
    for (const { name, acceptedAt } of documents()) gauge.set({ document: name }, unix(acceptedAt));
  });
  set("mc_gate_document_problems", (gauge) => {
    for (const { name, problems } of documents()) gauge.set({ document: name }, problems);
  });
  set("mc_gate_document_info", (gauge) => {
    for (const { name, digest } of documents())
      if (digest !== undefined) gauge.set({ document: name, digest: digest.slice(0, DIGEST_LENGTH) }, 1);
  });
}

function setDangers(set: SetGauge, { dangers }: Pick<Readings, "dangers">): void {
  set("mc_gate_dangers", (gauge) => {
    const found = dangers();
    for (const danger of Object.keys(DANGERS))
      gauge.set({ danger }, found.filter((name) => name === danger).length);
  });
}

function setSwitches(set: SetGauge, { switches }: Pick<Readings, "switches">): void {
  const count = (counts: (each: SwitchReading) => boolean): number => switches().filter(counts).length;
  set("mc_gate_switches", (gauge) => {
    for (const scope of ["all", "namespace", "rule"] as const)
      gauge.set(
        { scope },
        count((each) => each.scope === scope),
      );
  });
  set("mc_gate_switch_end_timestamp_seconds", (gauge) => {
    const ends = switches().map(({ until }) => until.getTime());
    if (ends.length > 0) gauge.set(Math.max(...ends) / 1000);
    else gauge.remove();
  });
  set("mc_gate_switches_repeated", (gauge) => gauge.set(count(({ isRepeated }) => isRepeated)));
  set("mc_gate_switches_unconfirmed", (gauge) => gauge.set(count(({ isConfirmed }) => !isConfirmed)));
}

function setWebhooks(set: SetGauge, { webhooks }: Pick<Readings, "webhooks">): void {
  set("mc_gate_webhooks", (gauge) => {
    const all = webhooks();
    if (all !== undefined) gauge.set(all.length);
    else gauge.remove();
  });
  set("mc_gate_webhook_info", (gauge) => {
    for (const { name, failurePolicy, caBundle, scope } of webhooks() ?? [])
      gauge.set({ webhook: name, failure_policy: failurePolicy, ca_bundle: caBundle, scope }, 1);
  });
}

function unix(date: Date | undefined): number {
  return date === undefined ? 0 : date.getTime() / 1000;
}
