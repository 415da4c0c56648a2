import { describe, expect, it, vi } from "vitest";

import { buildProgram } from "./program.ts";

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
