import { FLOORS } from "./floors.ts";
import { folderOf, importedFile, importsOf, sourceFiles } from "./imports.ts";

/**
 * The floors as a Mermaid picture, drawn from the imports that are there. Arrows to the vocabulary are left out, since every
 * folder has one; so are those of the top floor, which composes everything.
 */
export function floorsPicture(): string {
  const top = FLOORS.at(-1)!.folders;
  const bottom = FLOORS[0]!.folders;
  const arrows = [...folderArrows()]
    .filter(([from]) => !top.includes(from))
    .flatMap(([from, targets]) =>
      [...targets]
        .filter((to) => !bottom.includes(to))
        .toSorted()
        .map((to) => `  ${id(from)} --> ${id(to)}`),
    );
  const floors = FLOORS.toReversed().flatMap(({ name, folders }, index) => [
    `  subgraph floor${FLOORS.length - index} ["${name}"]`,
    ...folders.map((folder) => `    ${id(folder)}["${folder}"]`),
    "  end",
  ]);
  return ["```mermaid", "flowchart TB", ...floors, ...arrows, "```"].join("\n");
}

/** Which folders of src each folder imports. */
export function folderArrows(): Map<string, Set<string>> {
  const arrows = new Map<string, Set<string>>();
  for (const file of sourceFiles()) {
    const from = folderOf(file);
    const targets = arrows.get(from) ?? new Set();
    for (const each of importsOf(file)) {
      const path = importedFile(each);
      if (path?.startsWith("src") === true && folderOf(path) !== from) targets.add(folderOf(path));
    }
    arrows.set(from, targets);
  }
  return new Map([...arrows].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Mermaid reads a hyphen in an id as the start of an arrow. */
function id(folder: string): string {
  return folder.replaceAll("-", "_");
}
