import type { Command } from "commander";

import { nearest } from "../documents/index.ts";

/**
 * What is wrong where `mc help` is asked about a command that does not exist, as a sentence with the nearest name; undefined
 * for any other command line. Commander itself prints the whole help then, and does not say why.
 */
export function unknownHelp(program: Command, args: readonly string[]): string | undefined {
  const at = args.indexOf("help");
  const group = at < 0 ? undefined : inGroup(program, args.slice(0, at));
  if (group === undefined) return undefined;
  let command = group;
  for (const topic of args.slice(at + 1).filter((word) => !word.startsWith("-"))) {
    const next = named(command, topic);
    if (next === undefined) return sentence(command, topic);
    command = next;
  }
  return undefined;
}

/** The command that words lead to; undefined where one of them is not a command. */
function inGroup(program: Command, words: readonly string[]): Command | undefined {
  return words.reduce<Command | undefined>((command, word) => command && named(command, word), program);
}

function named(command: Command, word: string): Command | undefined {
  return command.commands.find((each) => each.name() === word || each.aliases().includes(word));
}

function sentence(command: Command, topic: string): string {
  const close = nearest(
    topic,
    command.commands.map((each) => each.name()),
  );
  const path = command.parent === null ? "mc" : `mc ${command.name()}`;
  const meant = close === undefined ? "" : ` Did you mean ${close}?`;
  return `error: unknown command '${topic}'.${meant}\n(${path} --help says more)`;
}
