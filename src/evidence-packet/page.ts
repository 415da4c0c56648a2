import { createHash } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";

import { type Page, renderPage } from "../report/index.ts";
import { MANIFEST, PAGE, type PacketFile } from "./manifest.ts";
import { PACKET_SCRIPT } from "./page-script.ts";

/** Bytes of files that the page holds; larger ones are left out, and the page says so and takes them from a disk. */
export const MAX_IN_PAGE = 24 * 1024 * 1024;

const BODY = `<header>
<h1>Evidence packet</h1>
<p id="what" class="dim">Without JavaScript this page shows nothing: its files are in it as text.</p>
<div id="integrity" class="box">The files of this packet have not been checked.</div>
<nav id="contents"></nav>
</header>
<main id="main"></main>`;

/** The page without its files, the same for every packet of one version. */
function packetPage(): Page {
  return renderPage({ title: "Evidence packet", body: BODY, script: PACKET_SCRIPT });
}

/** What the manifest holds of the page. */
export function pageShellHash(): string {
  const { before, after } = packetPage();
  return createHash("sha256").update(before).update(after).digest("hex");
}

/** One file in the page: Base64, so that nothing in it is HTML. */
function embedded(path: string, bytes: Buffer): string {
  return `<script type="text/plain" data-path="${path}">${bytes.toString("base64")}</script>\n`;
}

/** Writes the page next to the files. */
export async function writePage(folder: string, files: readonly PacketFile[]): Promise<void> {
  const { before, after } = packetPage();
  const page = await open(join(folder, PAGE), "wx");
  const held = [MANIFEST, ...files.filter(({ inPage }) => inPage).map(({ path }) => path)];
  try {
    await page.appendFile(before);
    for (const path of held) await page.appendFile(embedded(path, await readFile(join(folder, path))));
    await page.appendFile(after);
  } finally {
    await page.close();
  }
}

/** Which files the page holds: small ones first, as long as there is room. What answers questions is small. */
export function filesWithPlace(files: readonly Omit<PacketFile, "inPage">[]): PacketFile[] {
  let room = MAX_IN_PAGE;
  const chosen = new Set<string>();
  for (const { path, bytes } of files.toSorted((a, b) => a.bytes - b.bytes || (a.path < b.path ? -1 : 1))) {
    room -= bytes;
    if (room >= 0) chosen.add(path);
  }
  return files.map((file) => ({ ...file, inPage: chosen.has(file.path) }));
}
