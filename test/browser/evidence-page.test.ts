import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { decisionEntry, inForce, PacketWorld } from "../support/evidence-packets.ts";
import { findChromium, openInChromium } from "./chromium.ts";

const MARKUP = `<img src=x onerror="document.title='pwned'"><script>document.title='pwned'</script>`;
/** Pictures go there where it is set. */
const PICTURES = process.env["MC_BROWSER_PICTURES"];

const world = new PacketWorld();
let chromium: string;
let page: string;
let original: string;

beforeAll(async () => {
  chromium = findChromium();
  await world.write([
    inForce("policy", "rules: []"),
    decisionEntry({ uid: "1" }),
    decisionEntry({
      uid: "2",
      decision: "deny",
      codes: ["signature/missing"],
      message: MARKUP,
      name: MARKUP,
    }),
    decisionEntry({ uid: "3", caller: "unverified" }),
  ]);
  await world.export("p", { signer: world.signer().options });
  page = world.path("p", "packet.html");
  original = readFileSync(page, "utf8");
  if (PICTURES !== undefined) mkdirSync(PICTURES, { recursive: true });
});
afterAll(() => world.remove());
beforeEach(() => writeFileSync(page, original));

function open(name: string): Promise<string> {
  return openInChromium(chromium, page, PICTURES && join(PICTURES, `${name}.png`));
}

function held(path: string): RegExp {
  return new RegExp(`(<script type="text/plain" data-path="${path}">)([^<]*)(</script>\n)`);
}

function withContent(path: string, change: (text: string) => string): void {
  const changed = original.replace(held(path), (_, begin: string, base64: string, end: string) => {
    const text = change(Buffer.from(base64, "base64").toString("latin1"));
    return `${begin}${Buffer.from(text, "latin1").toString("base64")}${end}`;
  });
  expect(changed).not.toBe(original);
  writeFileSync(page, changed);
}

describe("a packet's page in Chromium, opened from a disk", () => {
  it("finds that every file is what the manifest names", async () => {
    const html = await open("same");
    expect(html).toContain('data-result="same"');
    expect(html).toContain('data-shown="all"');
    expect(html).toContain("What was refused?");
  });

  it("shows markup from outside as text, and runs none of it", async () => {
    const html = await open("markup");
    expect(html).toContain("&lt;img src=x");
    expect(html).toContain("<title>Evidence packet</title>");
    expect(html).not.toContain("<img");
  });

  it("runs no script that was put into it", async () => {
    writeFileSync(page, original.replace("<main", `${MARKUP}<main`));
    expect(await open("injected")).toContain("<title>Evidence packet</title>");
  });

  it.each([
    [
      "one flipped bit",
      () =>
        withContent("images.json", (text) => String.fromCodePoint(text.codePointAt(0)! ^ 1) + text.slice(1)),
      "images.json is not the one that the manifest names",
    ],
    [
      "a removed decision",
      () =>
        withContent("record.jsonl", (text) =>
          text
            .split("\n")
            .filter((line) => !line.includes('"uid":"2"'))
            .join("\n"),
        ),
      "record.jsonl is not the one that the manifest names",
    ],
    [
      "a missing file",
      () => writeFileSync(page, original.replace(held("timeline.json"), "")),
      "timeline.json is missing",
    ],
    [
      "an added file",
      () =>
        writeFileSync(
          page,
          original.replace(held("timeline.json"), (line) => `${line}${line.replace("timeline", "more")}`),
        ),
      "more.json is not in the manifest",
    ],
  ] as const)("finds %s", async (name, change, expected) => {
    change();
    const html = await open(name.replaceAll(" ", "-"));
    expect(html).toContain('data-result="wrong"');
    expect(html).toContain(`This packet was changed: `);
    expect(html).toContain(expected);
  });
});
