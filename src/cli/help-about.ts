import type { Command } from "commander";

import { nearest } from "../documents/index.ts";

/** What `mc help WORDS` asks for: the arguments that print it, or what is wrong, as a sentence with the nearest name. */
export type HelpAbout = { readonly args: readonly string[] } | { readonly problem: string };

/**
 * What a command line that asks for help by the word `help` means; undefined for any other. Commander itself reads the
 * first word after it only: it prints a group's help for a command in it, and all commands for one that does not exist.
 */
export function helpAbout(program: Command, args: readonly string[]): HelpAbout | undefined {
  const at = args.indexOf("help");
  const before = args.slice(0, at);
  const group = at < 0 ? undefined : inGroup(program, before);
  if (group === undefined || group.commands.length === 0) return undefined;
  const topics = args.slice(at + 1).filter((word) => !word.startsWith("-"));
  let command = group;
  for (const [depth, topic] of topics.entries()) {
    const next = named(command, topic);
    if (next === undefined)
      return { problem: sentence(command, topic, [...before, ...topics.slice(0, depth)]) };
    command = next;
  }
  return { args: [...before, ...topics, "--help"] };
}

/** The command that words lead to; undefined where one of them is not a command. */
function inGroup(program: Command, words: readonly string[]): Command | undefined {
  return words.reduce<Command | undefined>((command, word) => command && named(command, word), program);
}

function named(command: Command, word: string): Command | undefined {
  return command.commands.find((each) => each.name() === word || each.aliases().includes(word));
}

function sentence(command: Command, topic: string, path: readonly string[]): string {
  const close = nearest(
    topic,
    command.commands.map((each) => each.name()),
  );
  const meant = close === undefined ? "" : ` Did you mean ${close}?`;
  return `error: unknown command '${topic}'.${meant}\n(${["mc", ...path].join(" ")} --help says more)`;
}
