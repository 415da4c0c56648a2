import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { PAGES } from "./reference/pages.ts";

/** Writes docs/reference from the code; with --check it only says which pages lag behind, and exits 1 where any does. */
const FOLDER = "docs/reference";
const isCheck = process.argv.includes("--check");

mkdirSync(FOLDER, { recursive: true });
const stale = Object.entries(PAGES).filter(([name, write]) => {
  const path = `${FOLDER}/${name}`;
  const text = write();
  if (existsSync(path) && readFileSync(path, "utf8") === text) return false;
  if (!isCheck) writeFileSync(path, text);
  return true;
});
const names = stale.map(([name]) => name).join(", ");
if (isCheck && stale.length > 0) {
  console.error(`docs/reference lags behind the code: ${names}; run: npm run docs`);
  process.exitCode = 1;
} else {
  console.log(
    `${Object.keys(PAGES).length} pages of ${FOLDER}${names === "" ? " are up to date" : ` written: ${names}`}`,
  );
}
