import { describe, expect, it, vi } from "vitest";

import { buildProgram } from "./program.ts";

describe("options that must be given", () => {
  it.each([
    [["pin", "--check"], "-f, --filename <path>"],
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
    ["pin", "repeatable (required)"],
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
