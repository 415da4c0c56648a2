import type { Argument, Command, Option } from "commander";

/** What a value may be: one of a list, a path, or something that a shell cannot know. */
export type Values = readonly string[] | "path" | "unknown";

/** An option as shells complete it. */
export interface CompletedOption {
  /** `-o`, `--output`: at least one. */
  readonly names: readonly string[];
  readonly description: string;
  /** Undefined where it takes none. */
  readonly value?: Values;
  readonly isRepeatable: boolean;
}

/** A command as shells complete it. */
export interface CompletedCommand {
  /** The words after `mc`: empty for `mc` itself. */
  readonly words: readonly string[];
  readonly description: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly CompletedOption[];
  /** What its arguments may be; undefined where it takes none. */
  readonly argument?: Values;
}

const NAME = /^[a-z][a-z0-9-]*$/;
/** A value that an option takes: a level is a digit. */
const VALUE = /^[a-z0-9][a-z0-9-]*$/;
const OPTION = /^--?[a-zA-Z][a-z0-9-]*$/;
const PATHS = /[<[](?:file|path|folder|dir|pem)(?:\.\.\.)?[\]>]/;

/**
 * Every command with its options, parents first, as help shows them. Throws where a word could mean something to a shell, so
 * that the scripts quote descriptions only.
 */
export function completedCommands(command: Command, words: readonly string[] = []): CompletedCommand[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).map((each) => ({
    name: checked(each.name(), NAME),
    description: plain(each.description()),
  }));
  const argument = argumentOf(command.registeredArguments);
  const own: CompletedCommand = {
    words,
    description: plain(command.description()),
    commands,
    options: help.visibleOptions(command).map(completedOption),
    ...(argument !== undefined && { argument }),
  };
  return [
    own,
    ...command.commands.flatMap((each) => completedCommands(each, [...words, checked(each.name(), NAME)])),
  ];
}

function completedOption(option: Option): CompletedOption {
  const names = [option.short, option.long].filter((name) => name !== undefined);
  const takesValue = option.required || option.optional;
  return {
    names: names.map((name) => checked(name, OPTION)),
    description: plain(option.description),
    ...(takesValue && { value: valuesOf(option.argChoices, option.flags) }),
    isRepeatable: Array.isArray(option.defaultValue),
  };
}

/** All arguments of a command are of one kind, as far as a shell can tell. */
function argumentOf(all: readonly Argument[]): Values | undefined {
  const [first] = all;
  return first === undefined ? undefined : valuesOf(first.argChoices, `<${first.name()}>`);
}

function valuesOf(choices: readonly string[] | undefined, flags: string): Values {
  if (choices !== undefined) return choices.map((each) => checked(each, VALUE));
  return PATHS.test(flags) ? "path" : "unknown";
}

function checked(word: string, form: RegExp): string {
  if (!form.test(word)) throw new Error(`${word} cannot be completed as it is`);
  return word;
}

/** One line. */
function plain(text: string): string {
  if (text === "") throw new Error("a command or an option has no description");
  return text.replaceAll(/\s+/g, " ");
}
