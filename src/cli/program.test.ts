import type { Command } from "commander";
import { describe, expect, it, vi } from "vitest";

import { helpAbout } from "./help-about.ts";
import { buildProgram } from "./program.ts";

describe("options that must be given", () => {
  it.each([
    [["drift"], "-f, --file <path>"],
    [["adopt", "argocd", "--repo", "r", "--revision", "v"], "-f, --filename <path>"],
  ])("%j is refused without its list", async (args, flags) => {
    const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const program = buildProgram("0.0.0", () => Promise.resolve());
    await expect(program.parseAsync(args, { from: "user" })).rejects.toThrow(
      `required option '${flags}' not specified`,
    );
    written.mockRestore();
  });

  it.each([
    ["verify", "the policy document (required)"],
    ["drift", "(required)"],
  ])("help of %s marks them", (name, text) => {
    const command = buildProgram("0.0.0", () => Promise.resolve()).commands.find(
      (each) => each.name() === name,
    )!;
    expect(command.helpInformation().replaceAll(/\s+/g, " ")).toContain(text);
  });
});

describe("a wrong usage", () => {
  it.each([
    [["nope"], "(mc --help says more)"],
    [["verify", "--json"], "(mc verify --help says more)"],
    [["waivers", "list", "--json"], "(mc waivers list --help says more)"],
  ])("%j is answered with a hint at the help of that command", async (args, hint) => {
    const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const program = buildProgram("0.0.0", () => Promise.resolve());
    await expect(program.parseAsync(args, { from: "user" })).rejects.toThrow(/^error: /);
    expect(written.mock.calls.map(([text]) => text).join("")).toContain(hint);
    written.mockRestore();
  });
});

describe("help about a command that does not exist", () => {
  const program = buildProgram("0.0.0", () => Promise.resolve());

  it.each([
    [["help", "nope"], "error: unknown command 'nope'.\n(mc --help says more)"],
    [["help", "verfy"], "error: unknown command 'verfy'. Did you mean verify?\n(mc --help says more)"],
    [
      ["help", "waivers", "lst"],
      "error: unknown command 'lst'. Did you mean list?\n(mc waivers --help says more)",
    ],
    [
      ["waivers", "help", "lis"],
      "error: unknown command 'lis'. Did you mean list?\n(mc waivers --help says more)",
    ],
  ])("%j is one sentence", (args, said) => {
    expect(helpAbout(program, args)).toEqual({ problem: said });
  });
});

/** Each command below `command`, by the words that lead to it. */
function paths(command: Command, path: readonly string[] = []): string[][] {
  return command.commands.flatMap((each) => {
    const own = [...path, each.name()];
    return [own, ...paths(each, own)];
  });
}

describe("help about a command", () => {
  const program = buildProgram("0.0.0", () => Promise.resolve());
  const all = paths(program);

  it("is asked for every command there is, nested ones too", () => {
    expect(all.length).toBeGreaterThan(40);
    expect(all).toContainEqual(["waivers", "add"]);
  });

  it.each(all)("mc help %s %s prints that command's own help", (...words) => {
    const path = words.filter((word) => word !== undefined);
    const [group, last] = [path.slice(0, -1), path.at(-1)!];
    for (const args of [
      ["help", ...path],
      [...group, "help", last],
    ])
      expect(helpAbout(program, args)).toEqual({ args: [...path, "--help"] });
    const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const about = helpAbout(program, ["help", ...path]) as { readonly args: string[] };
    expect(() => program.parse(about.args, { from: "user" })).toThrow("(outputHelp)");
    const said = written.mock.calls.map(([text]) => text).join("");
    written.mockRestore();
    expect(said).toContain(`Usage: mc ${path.join(" ")}`);
  });

  it.each([
    [["help"], ["--help"]],
    [
      ["waivers", "help"],
      ["waivers", "--help"],
    ],
    [
      ["help", "waivers", "--all"],
      ["waivers", "--help"],
    ],
  ])("%j is that of the group", (args, said) => {
    expect(helpAbout(program, args)).toEqual({ args: said });
  });

  it.each([[["verify", "help"]], [["plan", "-o", "help"]], [["verify"]]])(
    "%j does not ask for it",
    (args) => {
      expect(helpAbout(program, args)).toBeUndefined();
    },
  );
});
