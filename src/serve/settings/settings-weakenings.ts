import { isDeepStrictEqual } from "node:util";

import type { DocumentKind } from "../../composition/index.ts";
import { isMap, type Mode, MODES, printable, type Problem, stricterMode } from "../../core/index.ts";
import { readDocument, readPlain } from "../../documents/index.ts";
import { RegistryHost } from "../../registry/index.ts";
import { ArgoCdSettings } from "./argocd-settings.ts";
import { Settings } from "./settings.ts";

/** Whether a setting that goes from one value to the other may weaken the gate. */
type MayWeaken = (before: unknown, after: unknown) => boolean;

const never: MayWeaken = () => false;
const unlessFalse: MayWeaken = (_, after) => after !== false;
const unlessTrue: MayWeaken = (_, after) => after !== true;
const whereItRises: MayWeaken = (before, after) => !(Number(after) <= Number(before));
/** A target is read from the first entry that fits, or from the first of all: fewer, or others before it, is another's word. */
const unlessEmpty: MayWeaken = (_, after) => !Array.isArray(after) || after.length > 0;
/** Absent means every entry there could be. */
const whereItGrows: MayWeaken = (before, after) =>
  before !== undefined && (after === undefined || additions(before, after).length > 0);
const whereItFalls: MayWeaken = (before, after) => stricterMode(before as Mode, after as Mode) !== after;

/**
 * What a change of each setting does; `*` is any name. A setting that is not listed may weaken the gate by any change:
 * what has been thought about is listed, and a new setting is not until someone has.
 */
const CHANGES: Readonly<Record<string, MayWeaken>> = {
  apiVersion: never,
  "server.address": never,
  "server.port": never,
  "server.probePort": never,
  "server.fallback": never,
  "server.certificate": never,
  "server.drain": never,
  "cluster.defaultMode": whereItFalls,
  "cluster.pullSecrets": never,
  "cluster.workloadPullSecrets": unlessFalse,
  workloads: (before, after) => rowsOf(before).some((row) => isReadOtherwise(row, rowsOf(after))),
  "argocd.instances": unlessEmpty,
  "argocd.otherClusters": whereItFalls,
  "argocd.verdictAudiences": whereItGrows,
  "argocd.hookDigests": whereItGrows,
  "argocd.wait": never,
  "argocd.instanceLabels": never,
  "argocd.judge": never,
  "argocd.rolloutWindow": never,
  "argocd.events": unlessTrue,
  "argocd.operations.exempt": whereItGrows,
  "argocd.operations.selfHeal": (_, after) => after !== "judge",
  "argocd.operations.movingRevisions": (_, after) => after !== "refuse",
  "argocd.operations.controllers": whereItGrows,
  "argocd.operations.prewarm": never,
  "state.audiences": whereItGrows,
  "registries.hosts.*.plainHttpUnsafe": unlessFalse,
  "registries.hosts.*.allowLoopbackUnsafe": unlessFalse,
  "registries.hosts.*.mirrors": whereItGrows,
  "registries.hosts.*.tokenHosts": whereItGrows,
  "registries.allowedHosts": whereItGrows,
  "registries.dockerConfigFile": never,
  "registries.cloudCredentials": never,
  "registries.limits": never,
  "log.level": never,
  "verify.workers": never,
  "verify.limit": never,
  "evidence.refreshAfter": whereItRises,
  "evidence.staleLimit": whereItRises,
  "evidence.folder": never,
  "evidence.folderMib": never,
  "evidence.lookUps": never,
  "evidence.attachmentsMib": never,
  "evidence.prewarm": never,
  "tuf.enabled": unlessTrue,
  "tuf.cacheDirectory": never,
};

/** What an absent part comes to, so that what is said of it for the first time is compared with that. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  argocd: ArgoCdSettings.parse({}),
  "registries.hosts.*": RegistryHost.parse({}),
  state: { audiences: ["mc-gate"] },
};

/** The settings that `CHANGES` and `DEFAULTS` know, for the test that each of them exists. */
export const KNOWN_SETTINGS: readonly string[] = [...Object.keys(CHANGES), ...Object.keys(DEFAULTS)];

/**
 * Where the settings `after` may protect less than `before`. Compared is what both come to, so that writing a default out
 * changes nothing. A `before` that is not known, or cannot be read, may have protected more. What is wrong with an `after`
 * that cannot be read.
 */
export function settingsWeakenings(before: string | undefined, after: string): Problem[] {
  const [now, plain] = [readDocument(after, Settings), readPlain(after)];
  if (!now.ok) return [...now.problems];
  if (!plain.ok) return [...plain.problems];
  const problemAt = (path: Path, message: string): Problem => ({
    ...plain.value.placeOf(path),
    path: printable(path.join("."), 200),
    rule: "weaker-settings",
    message: printable(message, 300),
  });
  const old = before === undefined ? undefined : readDocument(before, Settings);
  if (!old?.ok) return [problemAt([], "There are no known settings to compare them with.")];
  return [...changes(old.value, now.value, [])].map(({ path, message }) => problemAt(path, message));
}

type Path = readonly string[];

interface Weaker {
  readonly path: Path;
  readonly message: string;
}

function* changes(before: unknown, after: unknown, path: Path): Generator<Weaker> {
  if (isDeepStrictEqual(before, after)) return;
  const rule = CHANGES[patternOf(path, CHANGES)];
  if (rule !== undefined) {
    if (rule(before, after)) yield { path, message: sentence(before, after) };
    return;
  }
  const usual = DEFAULTS[patternOf(path, DEFAULTS)];
  const [old, now] = [before ?? usual, after ?? usual];
  if (!isMap(old) || !isMap(now)) {
    yield { path, message: sentence(before, after) };
    return;
  }
  for (const key of new Set([...Object.keys(old), ...Object.keys(now)]))
    yield* changes(old[key], now[key], [...path, key]);
}

/** The row of a table that a path belongs to; names within `registries.hosts` are free. */
function patternOf(path: Path, table: Readonly<Record<string, unknown>>): string {
  const exact = path.join(".");
  const [room, list, , ...rest] = path;
  if (Object.hasOwn(table, exact) || room !== "registries" || list !== "hosts" || path.length < 3)
    return exact;
  return ["registries", "hosts", "*", ...rest].join(".");
}

/** Values are shown where they can hold nothing but a word: others may be long, or no one's business. */
function sentence(before: unknown, after: unknown): string {
  const [old, now] = [wordOf(before), wordOf(after)];
  return old === undefined || now === undefined
    ? "The gate may protect less than before."
    : `The gate may protect less: from ${old} to ${now}.`;
}

function wordOf(value: unknown): string | undefined {
  if (value === undefined) return "unset";
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  return MODES.find((mode) => mode === value);
}

function additions(before: unknown, after: unknown): unknown[] {
  const old = Array.isArray(before) ? before : [];
  return (Array.isArray(after) ? after : []).filter(
    (each) => !old.some((one) => isDeepStrictEqual(one, each)),
  );
}

type Row = Settings["workloads"][number];

function rowsOf(value: unknown): readonly Row[] {
  return Array.isArray(value) ? (value as readonly Row[]) : [];
}

/**
 * A kind whose pod spec is looked for elsewhere, where there may be none, or that no row knows any more: reviews of it are
 * refused, but of the target of a sync it is only noted.
 */
function isReadOtherwise({ group, kind, path }: Row, rows: readonly Row[]): boolean {
  const now = rows.find((row) => row.group === group && row.kind === kind);
  return !isDeepStrictEqual(now?.path, path);
}

/** The settings as a kind of document. */
export const settingsDocument: Pick<DocumentKind, "lint" | "weakenings"> = {
  lint: (text) => {
    const read = readDocument(text, Settings);
    return read.ok ? [] : read.problems;
  },
  weakenings: settingsWeakenings,
};
