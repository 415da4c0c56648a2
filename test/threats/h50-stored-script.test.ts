import { readFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { decisionEntry, inForce, PacketWorld } from "../support/evidence-packets.ts";
import { type ShownPage, showPage } from "../support/packet-page.ts";

const MARKUP = `</script><img src=x onerror="globalThis.pwned=1"><script>globalThis.pwned=1</script>`;
const LINKS = "[click](javascript:pwned) <b>bold</b> | cell | https://evil.example @team";

const world = new PacketWorld();
let page: ShownPage;
let html: string;
let summary: string;

beforeAll(async () => {
  await world.write([
    inForce("policy", `# ${MARKUP}`),
    decisionEntry({
      uid: MARKUP,
      namespace: MARKUP,
      name: MARKUP,
      user: MARKUP,
      decision: "deny",
      codes: [MARKUP],
      message: MARKUP,
      images: [`${MARKUP}@sha256:0`],
      waivers: [LINKS],
    }),
    decisionEntry({ uid: "2", decision: "deny", codes: [LINKS], message: LINKS, images: [LINKS] }),
    decisionEntry({ uid: "3", images: [LINKS] }),
  ]);
  const at = new Date("2026-11-24T07:00:00Z").toISOString();
  const commit = { id: "a".repeat(40), at, author: MARKUP, subject: MARKUP, files: [MARKUP] };
  await world.export("p", {
    keepsUserNames: true,
    history: { commits: [commit], isCut: false },
    attached: [{ name: "note.html", bytes: Buffer.from(MARKUP) }],
  });
  html = readFileSync(world.path("p", "packet.html"), "utf8");
  summary = readFileSync(world.path("p", "README.md"), "utf8");
  page = await showPage(world.path("p", "packet.html"));
});
afterAll(() => world.remove());

describe("H50: what a report repeats from outside", () => {
  it("is no part of the page's own text", () => {
    expect(html).not.toContain("onerror");
    expect(html.match(/<script>/g)).toHaveLength(1);
  });

  it("is shown as text, and nothing of it runs", () => {
    expect(page.result).toBe("same");
    expect(page.text).toContain(MARKUP);
    expect([page.count("img"), page.count("b"), page.global("pwned")]).toEqual([0, 0, undefined]);
  });

  it("could not run if it were markup: the page allows its own script alone, by its hash", () => {
    expect(html).toMatch(
      /http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-[^ ']+';/,
    );
    expect(html).not.toContain("unsafe-inline");
  });

  it("is neither HTML, link, mention nor another cell in the summary", () => {
    for (const part of ["<img", "<b>", "](javascript", "https://evil", "| cell |", " @team"])
      expect(summary).not.toContain(part);
    expect(summary).toContain("&#91;click&#93;");
  });
});
