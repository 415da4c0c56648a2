import type { CompletedCommand, CompletedOption, Values } from "./model.ts";

/** For zsh, by `_arguments`: sourced after `compinit`, or kept as `_mc_gate` in a folder of `fpath`. */
export function zshScript(commands: readonly CompletedCommand[], names: readonly string[]): string {
  return `#compdef ${names.join(" ")}

${commands.map(functionText).join("\n\n")}

if [ "\${funcstack[1]}" = "_mc_gate" ]; then
  _mc_gate "$@"
else
  compdef _mc_gate ${names.join(" ")}
fi`;
}

function functionText({ words, commands, options, argument }: CompletedCommand): string {
  const specs = options.map(optionSpec);
  if (commands.length === 0) {
    const rest = argument === undefined ? [] : [`'*:argument:${action(argument)}'`];
    return `${functionName(words)}() {\n  _arguments -s -S ${[...specs, ...rest].join(" \\\n    ")}\n}`;
  }
  const parts = commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`);
  const below = commands
    .filter(({ name }) => name !== "help")
    .map(({ name }) => `        ${name}) ${functionName([...words, name])} ;;`);
  return `${functionName(words)}() {
  local curcontext="$curcontext" state line
  local -a commands
  commands=(
${parts.join("\n")}
  )
  _arguments -s -S -C ${[...specs, "'1: :->command'", "'*:: :->rest'"].join(" \\\n    ")}
  case "$state" in
    command) _describe -t commands command commands ;;
    rest)
      case "$line[1]" in
${below.join("\n")}
      esac
      ;;
  esac
}`;
}

/** `(-o --output)'{-o+,--output=}'[what]:value:(text json)`: what is given once is not offered again. */
function optionSpec({ names, description, value, isRepeatable }: CompletedOption): string {
  const forms = names.map((name) =>
    value === undefined ? name : `${name}${name.startsWith("--") ? "=" : "+"}`,
  );
  const flags = forms.length === 1 ? forms.join("") : `'{${forms.join(",")}}'`;
  const others = isRepeatable ? "*" : `(${names.join(" ")})`;
  const says = `[${description.replaceAll(/[\\[\]]/g, String.raw`\$&`)}]`;
  return `'${others}${flags}${inQuotes(says)}${value === undefined ? "" : `:value:${action(value)}`}'`;
}

function action(values: Values): string {
  if (values === "unknown") return " ";
  return values === "path" ? "_files" : `(${values.join(" ")})`;
}

function functionName(words: readonly string[]): string {
  return ["_mc_gate", ...words].join("__").replaceAll("-", "_");
}

function quoted(text: string): string {
  return `'${inQuotes(text)}'`;
}

function inQuotes(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}
