import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { floorsPicture } from "./architecture/picture.ts";
import { MAN_FOLDER, manPages } from "./reference/man-pages.ts";
import { PAGES } from "./reference/pages.ts";

/**
 * Writes docs/reference, the manual pages, and the generated parts of other pages, from the code; with --check it only says which pages lag
 * behind, and exits 1 where any does.
 */
const FOLDER = "docs/reference";
const ARCHITECTURE = "docs/architecture.md";
const isCheck = process.argv.includes("--check");

/** The text of a page with what is between `<!-- NAME -->` and `<!-- end of NAME -->` written again. */
function withPart(path: string, name: string, text: string): string {
  const page = readFileSync(path, "utf8");
  const [start, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no place for ${name}`);
  return `${page.slice(0, from + start.length)}\n${text}\n\n${page.slice(to)}`;
}

mkdirSync(FOLDER, { recursive: true });
mkdirSync(MAN_FOLDER, { recursive: true });
const pages = new Map(Object.entries(PAGES).map(([name, write]) => [`${FOLDER}/${name}`, write()]));
for (const [path, text] of manPages()) pages.set(path, text);
pages.set(ARCHITECTURE, withPart(ARCHITECTURE, "floors", floorsPicture()));
const stale = [...pages].filter(([path, text]) => {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return false;
  if (!isCheck) writeFileSync(path, text);
  return true;
});
const names = stale.map(([path]) => path).join(", ");
if (isCheck && stale.length > 0) {
  console.error(`generated documentation lags behind the code: ${names}; run: npm run docs`);
  process.exitCode = 1;
} else {
  console.log(`${pages.size} generated pages${names === "" ? " are up to date" : ` written: ${names}`}`);
}
