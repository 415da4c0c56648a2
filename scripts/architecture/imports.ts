import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";

import { parseSync } from "oxc-parser";

/** One import of a file of src. */
export interface Import {
  readonly file: string;
  /** As it is written: a relative path or a package. */
  readonly target: string;
  /** Erased with the types: nothing is loaded. */
  readonly isTypeOnly: boolean;
}

/** Every file of src that is not a test. */
export function sourceFiles(): string[] {
  return globSync("src/**/*.ts")
    .filter((file) => !file.endsWith(".test.ts"))
    .toSorted();
}

/** The imports of one file, re-exports and `import()` among them. */
export function importsOf(file: string, source = readFileSync(file, "utf8")): Import[] {
  const { staticImports, staticExports, dynamicImports } = parseSync(file, source).module;
  const stated = [
    ...staticImports.map(({ moduleRequest, entries }) => ({
      target: moduleRequest.value,
      isTypeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
    })),
    ...staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest === null ? [] : [{ target: moduleRequest.value, isTypeOnly: isType }],
      ),
    ),
    ...dynamicImports.map(({ moduleRequest }) => ({
      target: source.slice(moduleRequest.start + 1, moduleRequest.end - 1),
      isTypeOnly: false,
    })),
  ];
  return stated.map((each) => ({ file, ...each }));
}

/** The file that a relative import names; undefined for packages. */
export function importedFile({ file, target }: Import): string | undefined {
  return target.startsWith(".") ? normalize(join(dirname(file), target)) : undefined;
}

/** The folder of src that a file is in. */
export function folderOf(path: string): string {
  return path.split(sep)[1]!;
}

/** The package that an import names, without the path inside it. */
export function packageName(target: string): string {
  return target.split("/", target.startsWith("@") ? 2 : 1).join("/");
}

/** The first circle among arrows, as the names along it; undefined where there is none. */
export function circleIn(arrows: ReadonlyMap<string, Iterable<string>>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): string[] | undefined => {
    const start = path.indexOf(name);
    if (start >= 0) return [...path.slice(start), name];
    if (done.has(name)) return undefined;
    path.push(name);
    for (const next of arrows.get(name) ?? []) {
      const circle = visit(next);
      if (circle !== undefined) return circle;
    }
    path.pop();
    done.add(name);
    return undefined;
  };
  for (const name of arrows.keys()) {
    const circle = visit(name);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
