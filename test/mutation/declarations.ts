import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";

import { parseSync } from "oxc-parser";

/** Lines of a file, from 1, both included. */
export interface Lines {
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

/** The files of a folder of src that are mutated: all but tests. */
export function filesOf(folder: string): string[] {
  return globSync(`src/${folder}/**/*.ts`)
    .filter((file) => !file.endsWith(".test.ts"))
    .toSorted();
}

/** Every top-level declaration of a folder, in order. */
export function declarationsOf(folder: string): Lines[] {
  return filesOf(folder).flatMap((file) => {
    const source = readFileSync(file, "utf8");
    const lineOf = (offset: number): number => source.slice(0, offset).split("\n").length;
    const found = parseSync(file, source).program.body.filter(({ type }) => !PASSED_OVER.includes(type));
    return found.map(({ start, end }) => ({ file, from: lineOf(start), to: lineOf(end) }));
  });
}

/** What holds nothing to mutate. */
const PASSED_OVER: readonly string[] = [
  "ImportDeclaration",
  "ExportAllDeclaration",
  "TSInterfaceDeclaration",
  "TSTypeAliasDeclaration",
];

/** So many of them, picked by the seed, in order; the same ones for as long as their names and lines stay. */
export function sampleOf(all: readonly Lines[], count: number, seed: number): Lines[] {
  const rank = ({ file, from }: Lines): string =>
    createHash("sha256").update(`${seed} ${file} ${from}`).digest("hex");
  const ranked = all
    .map((each) => ({ each, rank: rank(each) }))
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1));
  const picked = new Set(ranked.slice(0, count).map(({ each }) => each));
  return all.filter((each) => picked.has(each));
}
