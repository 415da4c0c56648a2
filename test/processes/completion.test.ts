import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Command, Option } from "commander";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { bashScript } from "../../src/cli/completion/bash.ts";
import { fishScript } from "../../src/cli/completion/fish.ts";
import { completedCommands } from "../../src/cli/completion/model.ts";
import { zshScript } from "../../src/cli/completion/zsh.ts";
import { mcFolder } from "../support/run-mc.ts";
import { isInstalled, SHELLS } from "../support/shells.ts";

const FILES = ["a b.yaml", "c.yaml"];
const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** What is typed, and what is offered. */
const LINES: readonly (readonly [line: string, ...offered: string[]])[] = [
  ["mc ver", "verify", "verify-bundle", "version"],
  ["mc-gate policy ", "diff", "explain", "help", "import", "lint", "migrate", "replay", "schema", "test"],
  ["mc policy lint ", ...FILES],
  ["mc policy lint --out", "--output"],
  ["mc verify --mode ", "advisory", "enforce"],
  ["mc verify --mode=en", "enforce"],
  ["mc verify --mode enforce -o s", "sarif"],
  ["mc verify --policy ", ...FILES],
  ["mc verify ghcr.io/acme/app --pol", "--policy"],
  ["mc verify --policy lint --reg", "--registries"],
  ["mc verify "],
  ["mc waivers sync --check ", ...FILES],
  ["mc pin --check --time", "--timeout"],
  ["mc completion ", "bash", "fish", "powershell", "zsh"],
];

/** Descriptions that each shell could take for code. */
function oddProgram(): Command {
  const program = new Command("mc").description('It\'s `odd`: [a] $(b) \\ "c".').exitOverride();
  program
    .command("run")
    .description('It\'s [odd]: `touch broken` $(touch broken) \\ "c".')
    .argument("[what]", "what")
    .addOption(new Option("--how <way>", "that's [it]: \\] $HOME `touch broken`").choices(["fast", "slow"]));
  return program;
}

describe.each(Object.entries(SHELLS))("completion in %s", (shell, complete) => {
  const isMissing = shell !== "bash" && !isInstalled(shell);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "mc-completion-"));
    for (const file of FILES) writeFileSync(join(folder, file), "");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.skipIf(isMissing)("offers commands, options, values and files by the declaration", async () => {
    const here = mcFolder();
    const { code, stdout } = await here.mc(["completion", shell]);
    here.remove();
    expect(code).toBe(0);
    expect(LINES.map(([line]) => [line, ...complete(folder, stdout, line)])).toEqual(LINES);
  });

  it.skipIf(isMissing)("takes no description for code", () => {
    const script = SCRIPTS[shell as keyof typeof SCRIPTS](completedCommands(oddProgram()), ["mc"]);
    expect([
      complete(folder, script, "mc ru"),
      complete(folder, script, "mc run --how "),
      complete(folder, script, "mc run --ho"),
      complete(folder, `${script}\n`, `mc run x --how=s`),
    ]).toEqual([["run"], ["fast", "slow"], ["--how"], ["slow"]]);
    expect(existsSync(join(folder, "broken"))).toBe(false);
  });
});
