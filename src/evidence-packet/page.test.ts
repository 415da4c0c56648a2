import { readFileSync, writeFileSync } from "node:fs";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { decisionEntry, PacketWorld } from "../../test/support/evidence-packets.ts";
import { showPage } from "../../test/support/packet-page.ts";
import { checkPacket } from "./index.ts";

let world: PacketWorld;
let file: string;
beforeEach(async () => {
  world = new PacketWorld();
  await world.write([
    decisionEntry({ uid: "1" }),
    decisionEntry({ uid: "2", decision: "deny", codes: ["signature/missing"], message: "nobody signed it" }),
    decisionEntry({ uid: "3", caller: "unverified" }),
  ]);
  await world.export("p");
  file = world.path("p", "packet.html");
});
afterEach(() => world.remove());

function held(path: string): RegExp {
  return new RegExp(`(<script type="text/plain" data-path="${path}">)([^<]*)(</script>\n)`);
}

/** The same page, with another content of one of its files. */
function withContent(path: string, change: (text: string) => string): void {
  const html = readFileSync(file, "utf8");
  const replaced = html.replace(held(path), (_, begin: string, base64: string, end: string) => {
    const text = change(Buffer.from(base64, "base64").toString("utf8"));
    return `${begin}${Buffer.from(text).toString("base64")}${end}`;
  });
  expect(replaced).not.toBe(html);
  writeFileSync(file, replaced);
}

describe("the page of a packet", () => {
  it("finds the hashes that the manifest names, and answers the auditor's questions", async () => {
    const { result, text, integrity } = await showPage(file);
    expect(result).toBe("same");
    expect(integrity).toContain("files have the hashes that the manifest names.");
    expect(integrity).toContain("This packet is not signed");
    for (const part of ["What was refused?", "nobody signed it", "others, counted apart", "SSDF PO.4.2"])
      expect(text).toContain(part);
  });

  it("says who is to have signed it, and the command that proves it", async () => {
    const { options: signer } = world.signer();
    await world.export("signed", { signer });
    const { integrity } = await showPage(world.path("signed", "packet.html"));
    expect(integrity).toContain(signer!.name);
    expect(integrity).toContain("cosign verify-blob-attestation");
  });

  const CHANGES: readonly (readonly [string, () => void, string])[] = [
    [
      "one bit of a file",
      () => withContent("images.json", (text) => text.replace("shop", "shoq")),
      "images.json is not the one that the manifest names",
    ],
    [
      "a decision less",
      () => withContent("record.jsonl", (text) => text.split("\n").toSpliced(1, 1).join("\n")),
      "record.jsonl is not the one",
    ],
    [
      "a file less",
      () => writeFileSync(file, readFileSync(file, "utf8").replace(held("timeline.json"), "")),
      "the file timeline.json is missing",
    ],
    [
      "a file more",
      () =>
        writeFileSync(
          file,
          readFileSync(file, "utf8").replace(
            held("timeline.json"),
            (line) => `${line}${line.replace("timeline", "more")}`,
          ),
        ),
      "the file more.json is not in the manifest",
    ],
    ["no manifest", () => withContent("manifest.json", () => "{}"), "no manifest that can be read"],
  ];

  it.each(CHANGES)("finds what was changed: %s", async (_, change, expected) => {
    change();
    const { result, integrity } = await showPage(file);
    expect(result).toBe("wrong");
    expect(integrity).toContain(expected);
    expect((await checkPacket(file)).differences.length).toBeGreaterThan(0);
  });

  it("is found to be changed by the command where its own script is", async () => {
    writeFileSync(file, readFileSync(file, "utf8").replace('"same"', '"good"'));
    expect((await checkPacket(file)).differences).toEqual(["the page itself was changed, not a file in it"]);
  });
});
