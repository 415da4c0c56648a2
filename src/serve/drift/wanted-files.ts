import { basename } from "node:path";

import { z } from "zod";

import { type Parsed, UsageError } from "../../core/index.ts";
import { type Place, type PlainDocument, readPlacedManifests, readPlain } from "../../documents/index.ts";
import type { DriftPart, FiledText } from "../state/gate-state.ts";
import type { ValuePath } from "./compare-values.ts";

/** A file of the folder that is compared. */
export interface WantedFile {
  readonly file: string;
  readonly text: string;
}

/** Where a document comes from in the cluster. */
export interface DocumentSource {
  readonly name: FiledText;
  readonly configMap: string;
  readonly key: string;
  readonly namespace: string;
}

/** A document, or an object, as a file has it. */
export interface Wanted {
  readonly file: string;
  /** Its content, or what is wrong with it, with lines of the file. */
  readonly document: Parsed<PlainDocument>;
}

/** A file that cannot be read, so that it may hold anything. */
export interface Unreadable {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** What the files ask for. */
export interface WantedState {
  readonly documents: ReadonlyMap<FiledText, Wanted>;
  readonly webhooks: Wanted | undefined;
  readonly unreadable: readonly Unreadable[];
}

/** What to find in the files. */
export interface WantedOptions {
  readonly sources: readonly DocumentSource[];
  /** Name of the ValidatingWebhookConfiguration. */
  readonly configuration: string;
}

const Manifest = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().nullish() }),
  data: z.record(z.string(), z.unknown()).nullish(),
});

/**
 * Finds documents and webhooks in files: ConfigMaps of the gate's names, files that are called as the key is and hold the
 * document itself, and the webhook configuration. Throws UsageError where two files hold the same one: which of them is
 * wanted must not be guessed.
 */
export function readWanted(
  files: readonly WantedFile[],
  { sources, configuration }: WantedOptions,
): WantedState {
  const found = files.map((file) => findIn(file, { sources, configuration }));
  const documents = new Map<FiledText, Wanted>();
  let webhooks: Wanted | undefined;
  for (const { name, wanted } of found.flatMap((each) => each.wanted)) {
    const before = name === "webhooks" ? webhooks : documents.get(name);
    onlyOne(
      before,
      wanted,
      name === "webhooks" ? `the webhook configuration ${configuration}` : `the ${name}`,
    );
    if (name === "webhooks") webhooks = wanted;
    else documents.set(name, wanted);
  }
  return { documents, webhooks, unreadable: found.flatMap((each) => each.unreadable) };
}

interface FoundInFile {
  readonly wanted: readonly { readonly name: DriftPart; readonly wanted: Wanted }[];
  readonly unreadable: readonly Unreadable[];
}

function findIn({ file, text }: WantedFile, { sources, configuration }: WantedOptions): FoundInFile {
  const named = sources.find(({ key }) => key === basename(file));
  const manifests = readPlacedManifests(text);
  if (named !== undefined && !(manifests.ok && manifests.value.some(isManifest)))
    return { wanted: [{ name: named.name, wanted: { file, document: readPlain(text) } }], unreadable: [] };
  if (!manifests.ok) {
    const [{ line, message } = { line: 1, message: "cannot be read" }] = manifests.problems;
    return { wanted: [], unreadable: [{ file, line, message }] };
  }
  const documents = manifests.value.flatMap((manifest) =>
    sources.flatMap((source) => {
      const document = documentIn(manifest, source, text);
      return document === undefined ? [] : [{ name: source.name, wanted: { file, document } }];
    }),
  );
  const webhooks = manifests.value
    .filter((manifest) => isConfiguration(manifest, configuration))
    .map((value) => ({
      name: "webhooks" as const,
      wanted: { file, document: { ok: true, value } as const },
    }));
  return { wanted: [...documents, ...webhooks], unreadable: [] };
}

function onlyOne(before: Wanted | undefined, { file }: Wanted, what: string): void {
  if (before === undefined) return;
  throw new UsageError(
    `${before.file} and ${file} both hold ${what}; name the folder of one cluster with -f`,
  );
}

function isManifest({ content }: PlainDocument): boolean {
  return Manifest.safeParse(content).success;
}

function isConfiguration({ content }: PlainDocument, name: string): boolean {
  const manifest = Manifest.safeParse(content).data;
  return manifest?.kind === "ValidatingWebhookConfiguration" && manifest.metadata.name === name;
}

/** The document in a ConfigMap, with lines of the file that has the ConfigMap. */
function documentIn(
  { content, placeOf }: PlainDocument,
  { configMap, key, namespace }: DocumentSource,
  file: string,
): Parsed<PlainDocument> | undefined {
  const manifest = Manifest.safeParse(content).data;
  if (manifest?.kind !== "ConfigMap" || manifest.metadata.name !== configMap) return undefined;
  if ((manifest.metadata.namespace ?? namespace) !== namespace) return undefined;
  const text = manifest.data?.[key];
  if (typeof text !== "string") return undefined;
  const begin = placeOf(["data", key]);
  const within = placesWithin(begin, file);
  const read = readPlain(text);
  if (!read.ok) return { ok: false, problems: read.problems.map((each) => ({ ...each, ...within(each) })) };
  const { value } = read;
  return {
    ok: true,
    value: { content: value.content, placeOf: (path: ValuePath) => within(value.placeOf(path)) },
  };
}

/** Lines of a block scalar follow the one that it begins on; of any other, only its beginning is known. */
function placesWithin(begin: Place, file: string): (place: Place) => Place {
  const header = file.split("\n")[begin.line - 1] ?? "";
  const isBlock = /\|[0-9+-]*\s*(?:#.*)?$/.test(header);
  return ({ line, column }) => (isBlock ? { line: begin.line + line, column } : begin);
}
