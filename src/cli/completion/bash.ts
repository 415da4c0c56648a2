import type { CompletedCommand, Values } from "./model.ts";

/** The same whatever is declared: finds the command and the option before the cursor, and what they take. */
const GLUE = `_mc_gate_paths() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -f -- "$1"))
  compopt -o filenames 2>/dev/null
}

_mc_gate() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" option="" ended="" prefix="" word values at=1
  COMPREPLY=()
  while [ "$at" -lt "$COMP_CWORD" ]; do
    word="\${COMP_WORDS[at]}"
    if [ -n "$option" ]; then
      [ "$word" = "=" ] || option=""
    elif [ "$word" = "--" ]; then
      ended=1
    elif [ -z "$ended" ] && [ "\${word#-}" != "$word" ]; then
      if _mc_gate_values "\${path:+$path }$word" >/dev/null; then option="$word"; fi
    elif _mc_gate_is_command "\${path:+$path }$word"; then
      path="\${path:+$path }$word"
    fi
    at=$((at + 1))
  done
  if [ -n "$option" ] && [ "$current" = "=" ]; then current=""; fi
  if [ -z "$option$ended" ] && [[ "$current" == --*=* ]]; then
    option="\${current%%=*}"
    prefix="$option="
    current="\${current#*=}"
  fi
  if [ -n "$option" ]; then
    values="$(_mc_gate_values "\${path:+$path }$option")"
  elif [ -z "$ended" ] && [ "\${current#-}" != "$current" ]; then
    values="$(_mc_gate_options "$path")"
  else
    values="$(_mc_gate_commands "$path")$(_mc_gate_arguments "$path")"
  fi
  case "$values" in
    *"<path>"*) _mc_gate_paths "$current" ;;
    *) COMPREPLY=($(compgen -W "$values" -- "$current")) ;;
  esac
  if [ -n "$prefix" ]; then COMPREPLY=("\${COMPREPLY[@]/#/$prefix}"); fi
}`;

/**
 * For bash 3.2 and later, as macOS has it: without bash-completion, associative arrays and `mapfile`. Words come from the
 * declaration, which holds nothing that bash would expand.
 */
export function bashScript(commands: readonly CompletedCommand[], names: readonly string[]): string {
  return `# bash completion for ${names.join(" and ")}
_mc_gate_is_command() {
  case "$1" in
    ${quoted(commands.slice(1).map(({ words }) => words.join(" ")))}) return 0 ;;
  esac
  return 1
}

_mc_gate_values() {
  case "$1" in
${cases(valued(commands).map(({ at, value }) => [at, valuesText(value)]))}
    *) return 1 ;;
  esac
}

_mc_gate_commands() {
  case "$1" in
${cases(listed(commands, ({ commands: below }) => below.map(({ name }) => name)))}
  esac
}

_mc_gate_options() {
  case "$1" in
${cases(listed(commands, ({ options }) => options.flatMap(({ names: flags }) => flags)))}
  esac
}

_mc_gate_arguments() {
  case "$1" in
${cases(commands.flatMap(({ words, argument }) => (argument === undefined ? [] : [[words.join(" "), valuesText(argument)] as const])))}
  esac
}

${GLUE}

complete -F _mc_gate ${names.join(" ")}`;
}

/** Options that take a value, by the words up to them. */
function valued(commands: readonly CompletedCommand[]): { at: string; value: Values }[] {
  return commands.flatMap(({ words, options }) =>
    options.flatMap(({ names: flags, value }) =>
      value === undefined ? [] : flags.map((flag) => ({ at: [...words, flag].join(" "), value })),
    ),
  );
}

/** The words that each command has of a kind. */
function listed(
  commands: readonly CompletedCommand[],
  kind: (command: CompletedCommand) => readonly string[],
): (readonly [pattern: string, command: string])[] {
  return commands
    .map((each) => ({ path: each.words.join(" "), found: kind(each) }))
    .filter(({ found }) => found.length > 0)
    .map(({ path, found }) => [path, `echo "${found.join(" ")}"`] as const);
}

function valuesText(values: Values): string {
  if (values === "unknown") return "true";
  return `echo "${values === "path" ? "<path>" : values.join(" ")}"`;
}

function cases(rows: readonly (readonly [pattern: string, command: string])[]): string {
  const byCommand = Map.groupBy(rows, ([, command]) => command);
  return [...byCommand]
    .map(([command, same]) => `    ${quoted(same.map(([pattern]) => pattern))}) ${command} ;;`)
    .join("\n");
}

function quoted(patterns: readonly string[]): string {
  return patterns.map((pattern) => `"${pattern}"`).join(" | ");
}
