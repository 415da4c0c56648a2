import { basename, dirname, join, sep } from "node:path";

import { type Found, hasSources, isPartial, type Kustomization } from "../../argocd/index.ts";
import type { ManifestPlace } from "./inputs.ts";

/** A kustomization, and its file. */
export interface PlacedKustomization extends Kustomization {
  readonly file: string;
}

/** What is known of the other files. */
interface Surroundings {
  readonly kustomizations: readonly PlacedKustomization[];
  /** Whether a file speaks of sources; undefined where it was not read. */
  readonly speaks: (file: string) => boolean | undefined;
}

/** Whether kustomize reads a file as its own. Source: kustomize, api/konfig, RecognizedKustomizationFileNames. */
export function isKustomization(file: string): boolean {
  return /^(?:kustomization\.ya?ml|Kustomization)$/.test(basename(file));
}

/** Says, for each whole object, what changes its sources before it is applied. */
export function withPatches(
  found: readonly Found<ManifestPlace>[],
  surroundings: Surroundings,
): Found<ManifestPlace>[] {
  const parts = found.filter(
    ({ object }) => object.kind !== "AppProject" && isPartial(object) && hasSources(object),
  );
  return found.map((each) => {
    if (each.object.kind === "AppProject" || isPartial(each.object)) return each;
    const patchedBy = kustomizationOf(each.place.file, surroundings) ?? partOf(each, parts);
    return patchedBy === undefined ? each : { ...each, patchedBy };
  });
}

/** A kustomization that renders a file and patches sources. A patch that was not read may speak of them. */
function kustomizationOf(file: string, { kustomizations, speaks }: Surroundings): string | undefined {
  const renders = ({ file: own, resources }: PlacedKustomization): boolean =>
    resources.some((each) => isUnder(file, join(dirname(own), each)));
  for (const each of kustomizations.filter(renders)) {
    const all = [each, ...componentsOf(each, kustomizations)];
    const patching = all.find(
      (one) =>
        one.speaksOfSources || one.patches.some((path) => speaks(join(dirname(one.file), path)) ?? true),
    );
    if (patching !== undefined) return `${patching.file} changes its sources after it`;
  }
  return undefined;
}

function componentsOf(
  { file, components }: PlacedKustomization,
  all: readonly PlacedKustomization[],
): readonly PlacedKustomization[] {
  const folders = components.map((each) => join(dirname(file), each));
  return all.filter((each) => folders.includes(dirname(each.file)));
}

function isUnder(file: string, place: string): boolean {
  const folder = place.endsWith(sep) ? place : `${place}${sep}`;
  return file === place || join(file).startsWith(folder);
}

/** A part of an object of the same name, wherever it lies: which one it is part of, only who renders it knows. */
function partOf(
  { object }: Found<ManifestPlace>,
  parts: readonly Found<ManifestPlace>[],
): string | undefined {
  const part = parts.find(
    (each) => each.object.kind === object.kind && each.object.metadata.name === object.metadata.name,
  );
  return (
    part && `${part.place.file}:${part.place.line} is a part of one of its name, and may change its sources`
  );
}
