import { readdirSync } from "node:fs";
import { basename } from "node:path";

import { describe, expect, it } from "vitest";

import packageFile from "../package.json" with { type: "json" };
import { cliPage } from "../scripts/reference/cli-page.ts";
import { MAN_FOLDER, manPages } from "../scripts/reference/man-pages.ts";

/** Requests and macros that the pages use. */
const REQUESTS = new Set(["B", "PP", "SH", "TH", "TP", "fi", "nf"]);

describe("the manual pages", () => {
  const pages = manPages();
  const lines = [...pages.values()].flatMap((text) => text.trimEnd().split("\n"));

  it("are all that the folder holds and package.json names", () => {
    const paths = [...pages.keys()].toSorted();
    expect(
      readdirSync(MAN_FOLDER)
        .map((name) => `${MAN_FOLDER}/${name}`)
        .toSorted(),
    ).toEqual(paths);
    expect(packageFile.man).toEqual(paths.map((path) => `./${path}`));
  });

  it("describe every command of the reference", () => {
    const commands = [...cliPage().matchAll(/^## (mc .+)$/gm)].map(([, name]) => name!);
    expect(commands.length).toBeGreaterThan(40);
    const all = lines.join("\n").replaceAll("\\-", "-");
    expect(commands.filter((name) => !all.includes(`\n.B ${name}\n`))).toEqual([]);
  });

  it("begin no line with anything but the requests that they mean, and no word with an escape of the text's own", () => {
    const requests = lines.filter((line) => /^[.']/.test(line) && !line.startsWith('.\\"'));
    expect(requests.filter((line) => !REQUESTS.has(line.slice(1).split(" ", 1)[0]!))).toEqual([]);
    expect(lines.filter((line) => /\\(?![-&e"]|\(dq|\[u[0-9A-F]{4,6}\])/.test(line))).toEqual([]);
  });

  it("are plain ASCII, as every troff reads", () => {
    expect(lines.filter((line) => /[^ -~]/.test(line))).toEqual([]);
  });

  it("are listed by the first one", () => {
    const overview = pages.get(`${MAN_FOLDER}/mc-gate.1`)!.replaceAll("\\-", "-");
    const others = [...pages.keys()].map((path) => basename(path, ".1")).filter((name) => name !== "mc-gate");
    expect(others.filter((name) => !overview.includes(`.B ${name}(1)\n`))).toEqual([]);
  });
});
