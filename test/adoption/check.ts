import { cp, mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { adopt, type DryCreation, dryCreate, dryCreateRendered } from "../e2e/support/adoption.ts";
import type { Cluster } from "../e2e/support/cluster.ts";
import { comments, documentsIn, withHook } from "../support/adoption-change.ts";
import type { Corpus } from "./corpus.ts";

/** What became of one file. */
export interface Adopted {
  readonly file: string;
  /** How many Applications and ApplicationSets the command lists. */
  readonly listed: number;
  readonly isChanged: boolean;
  /** Objects that the API server accepts, as the file was and as it is. */
  readonly accepted: readonly [number, number];
  /** What the command says of an unchanged one. */
  readonly why: string;
  /** What is wrong; empty where nothing is. */
  readonly wrong: readonly string[];
}

/** What became of a kustomization, after all files together were changed. */
export interface Rendered {
  readonly folder: string;
  readonly accepted: readonly [number, number];
}

/** All files together. */
export interface Together {
  readonly listed: number;
  readonly changed: number;
  /** How many kustomizations there are. */
  readonly kustomizations: number;
  /** Those that render here, and render Applications. */
  readonly rendered: readonly Rendered[];
}

interface Told {
  readonly applications: readonly { readonly notes: readonly string[] }[];
  readonly files: readonly unknown[];
  readonly problems: readonly { readonly message: string }[];
}

/** Changes each file by itself, in a copy. Those in which the command finds no object of Argo CD's are left out. */
export async function adoptEach(
  cluster: Cluster,
  { folder, files }: Corpus,
  scratch: string,
): Promise<readonly Adopted[]> {
  const all: Adopted[] = [];
  for (const [at, file] of files.entries()) {
    const place = join(scratch, `file-${at}`);
    await mkdir(place);
    const [original, copy] = [join(folder, file), join(place, basename(file))];
    await cp(original, copy);
    const told = await toldOf(copy, "--apply");
    if (told !== undefined) all.push({ file, ...(await compare(cluster, [original, copy], told)) });
  }
  return all;
}

async function compare(
  cluster: Cluster,
  [original, copy]: readonly [string, string],
  { applications, files, problems }: Told,
): Promise<Omit<Adopted, "file">> {
  const isChanged = files.length > 0;
  const before = await dryCreate(cluster, original);
  const after = isChanged ? await dryCreate(cluster, copy) : before;
  const notes = [...applications.flatMap((each) => each.notes), ...problems.map(({ message }) => message)];
  const texts = await Promise.all([readFile(original, "utf8"), readFile(copy, "utf8")]);
  const again = isChanged ? ((await toldOf(copy))?.files.length ?? 0) : 0;
  const wrong = [
    ...faultsOfText(texts, isChanged),
    ...(isDeepStrictEqual(after.accepted, before.accepted) ? [] : ["the API server decides otherwise"]),
    ...(again === 0 ? [] : ["a second run changes it again"]),
  ];
  return {
    listed: applications.length,
    isChanged,
    accepted: [before.accepted.length, after.accepted.length],
    why: isChanged ? "" : [...new Set(notes)].join("; "),
    wrong,
  };
}

function faultsOfText([before, after]: readonly [string, string], isChanged: boolean): readonly string[] {
  if (!isChanged) return before === after ? [] : ["written without being named"];
  return [
    ...(isDeepStrictEqual(documentsIn(after), documentsIn(before).map(withHook))
      ? []
      : ["not the change that was meant"]),
    ...(isDeepStrictEqual(comments(after), comments(before)) ? [] : ["comments differ"]),
    ...(after.includes("\r\n") === before.includes("\r\n") ? [] : ["ends of lines differ"]),
  ];
}

/** Changes all files at once, in a copy of the folder, and renders what kustomize renders of it before and after. */
export async function adoptTogether(cluster: Cluster, corpus: Corpus, scratch: string): Promise<Together> {
  const place = join(scratch, "all");
  await cp(corpus.folder, place, { recursive: true, verbatimSymlinks: true });
  const render = (folder: string) => dryCreateRendered(cluster, join(place, folder));
  const before = new Map<string, DryCreation>();
  for (const folder of corpus.kustomizations) {
    const made = await render(folder);
    if (made?.accepted.some((name) => /^application(?:set)?\.argoproj\.io\//.test(name)))
      before.set(folder, made);
  }
  const told = await toldOf(place, "--apply");
  if (told === undefined) throw new Error("the folder as a whole was not read");
  const rendered: Rendered[] = [];
  for (const [folder, { accepted }] of before)
    rendered.push({ folder, accepted: [accepted.length, (await render(folder))?.accepted.length ?? 0] });
  const { length: kustomizations } = corpus.kustomizations;
  return { listed: told.applications.length, changed: told.files.length, kustomizations, rendered };
}

/** What the command says; undefined where it finds nothing to speak of. */
async function toldOf(path: string, ...more: readonly string[]): Promise<Told | undefined> {
  const { code, stdout, stderr } = await adopt("-f", path, "-o", "json", ...more);
  if (code === 12 && stderr.includes("there is no Application")) return undefined;
  if (code === 12) throw new Error(`${path}: ${stderr}`);
  return JSON.parse(stdout) as Told;
}
