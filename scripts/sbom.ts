import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

import packageFile from "../package.json" with { type: "json" };
import { importsOf, packageName, sourceFiles } from "./architecture/imports.ts";

/**
 * Writes what is shipped next to the bundle: a CycloneDX bill of materials, by npm, of the packages that src imports and of
 * what those depend on. A scanner sees none of them in the bundle itself, and package.json lists them for development, since
 * the published package needs none.
 */
const FILE = "dist/sbom.cdx.json";
const ARGS = ["sbom", "--package-lock-only", "--sbom-format=cyclonedx", "--sbom-type=application"];

interface Bom {
  readonly metadata: { readonly component: { readonly "bom-ref": string } };
  readonly components: readonly {
    readonly "bom-ref": string;
    readonly name: string;
    readonly properties?: unknown;
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const bom = JSON.parse(execFileSync("npm", ARGS, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })) as Bom;
const top = bom.metadata.component["bom-ref"];
const graph = new Map(bom.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
const names = new Map(bom.components.map((each) => [each["bom-ref"], each.name]));
const imported = importedPackages();
const roots = (graph.get(top) ?? []).filter((ref) => imported.has(names.get(ref) ?? ""));
if (roots.length !== imported.size) throw new Error("a package that src imports is not in package-lock.json");
const shipped = reachable(roots);

// The bundle holds each of them, whatever package.json lists it for.
const components = bom.components
  .filter((each) => shipped.has(each["bom-ref"]))
  .map((each) => ({ ...each, scope: "required", properties: [] }));
const component = { ...bom.metadata.component, name: packageFile.name }; // npm takes the folder's name
const dependencies = [
  { ref: top, dependsOn: roots },
  ...bom.dependencies.filter(({ ref }) => shipped.has(ref)),
];
const written = { ...bom, metadata: { ...bom.metadata, component }, components, dependencies };
writeFileSync(FILE, `${JSON.stringify(written, null, 2)}\n`);
console.log(`${components.length} packages in ${FILE}`);

function importedPackages(): Set<string> {
  const targets = sourceFiles()
    .flatMap((file) => importsOf(file))
    .filter(({ target, isTypeOnly }) => !isTypeOnly && !/^(?:\.|node:)/.test(target))
    .map(({ target }) => packageName(target));
  return new Set(targets);
}

function reachable(from: readonly string[]): Set<string> {
  const found = new Set(from);
  for (const ref of found) for (const next of graph.get(ref) ?? []) found.add(next);
  return found;
}
