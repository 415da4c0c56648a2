import { Command, Option } from "commander";
import { describe, expect, it } from "vitest";

import { buildProgram } from "../program.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { completedCommands } from "./model.ts";
import { powershellScript } from "./powershell.ts";
import { zshScript } from "./zsh.ts";

const PROGRAM = buildProgram("0.0.0", () => Promise.resolve());

describe("completedCommands", () => {
  it("has every command of the program, each with every option that its help shows", () => {
    const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
    const completed = completedCommands(PROGRAM);
    expect(completed.length).toBeGreaterThan(25);
    expect(
      completed.map(({ words, options }) => [words.at(-1) ?? "mc", options.flatMap(({ names }) => names)]),
    ).toEqual(
      all(PROGRAM).map((command) => [
        command.name(),
        [...command.options.flatMap(({ short, long }) => [short, long].filter(Boolean)), "-h", "--help"],
      ]),
    );
  });

  it.each([
    ["-o, --output <format>", ["text", "json"], ["text", "json"]],
    ["--policy <file>", undefined, "path"],
    ["-f, --filename <path>", undefined, "path"],
    ["--out <folder>", undefined, "path"],
    ["--id <id>", undefined, "unknown"],
    ["--check", undefined, undefined],
  ])("%s with choices %j has the values %j", (flags, choices, value) => {
    const option = new Option(flags, "what");
    if (choices !== undefined) option.choices(choices);
    const program = new Command("mc").description("what").addOption(option);
    expect(completedCommands(program)[0]?.options[0]?.value).toEqual(value);
  });

  it.each([
    [
      "a command that a shell would expand",
      new Command("mc").description("what").addCommand(new Command("a$b")),
    ],
    ["an option that a shell would expand", new Command("mc").description("what").option("--a*", "what")],
    [
      "a value that a shell would expand",
      new Command("mc").description("what").addOption(new Option("--a <b>", "what").choices(["$(x)"])),
    ],
    ["an option without a description", new Command("mc").description("what").option("--a <b>")],
  ])("refuses %s", (_, program) => {
    expect(() => completedCommands(program)).toThrow(/cannot be completed|no description/);
  });
});

describe("the scripts", () => {
  const commands = completedCommands(PROGRAM);
  const words = commands.flatMap((each) => [
    ...each.words,
    ...each.options.flatMap(({ names, value = [] }) => [
      ...names.map((name) => name.replace(/^--?/, "")),
      ...(typeof value === "string" ? [] : value),
    ]),
  ]);

  it.each(Object.entries({ bashScript, zshScript, fishScript, powershellScript }))(
    "%s has every word, and each name that it is for",
    (_, write) => {
      const script = write(commands, ["first", "second"]);
      expect(words.filter((word) => !script.includes(word))).toEqual([]);
      expect(script).toMatch(/first\W{1,4}second/);
    },
  );

  it("quotes for PowerShell what it takes for quotes", () => {
    const odd = new Command("mc").description("what").option("--a", "it’s 'odd'");
    expect(powershellScript(completedCommands(odd), ["mc"])).toContain("'--a', 'it’’s ''odd'''");
  });
});
