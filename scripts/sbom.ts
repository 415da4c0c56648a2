import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

import packageFile from "../package.json" with { type: "json" };

/**
 * Writes what is shipped next to the bundle: a CycloneDX bill of materials, by npm, of the lock file's production
 * packages. A scanner sees none of them in the bundle itself. npm's own `--omit dev` leaves out production packages
 * that a package for development needs as well, so the required ones are chosen here.
 */
const FILE = "dist/sbom.cdx.json";
const ARGS = ["sbom", "--package-lock-only", "--sbom-format=cyclonedx", "--sbom-type=application"];

interface Bom {
  readonly metadata: { readonly component: { readonly "bom-ref": string } };
  readonly components: readonly { readonly "bom-ref": string; readonly scope: string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const bom = JSON.parse(execFileSync("npm", ARGS, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })) as Bom;
const components = bom.components.filter(({ scope }) => scope === "required");
const component = { ...bom.metadata.component, name: packageFile.name }; // npm takes the folder's name
const refs = new Set([component, ...components].map((each) => each["bom-ref"]));
const dependencies = bom.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)) }));
const shipped = { ...bom, metadata: { ...bom.metadata, component }, components, dependencies };
writeFileSync(FILE, `${JSON.stringify(shipped, null, 2)}\n`);
console.log(`${components.length} packages in ${FILE}`);
