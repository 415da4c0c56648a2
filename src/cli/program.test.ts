import { describe, expect, it, vi } from "vitest";

import { buildProgram } from "./program.ts";
import { unknownHelp } from "./unknown-help.ts";

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
    expect(unknownHelp(program, args)).toBe(said);
  });

  it.each([
    [["help"]],
    [["help", "verify"]],
    [["help", "waivers", "list"]],
    [["verify", "help"]],
    [["plan", "-o", "help"]],
  ])("%j is left to commander", (args) => {
    expect(unknownHelp(program, args)).toBeUndefined();
  });
});
