import type { CompletedCommand, CompletedOption, Values } from "./model.ts";

/** For fish 3.0 and later. */
export function fishScript(commands: readonly CompletedCommand[], names: readonly string[]): string {
  const valued = commands.flatMap(({ words, options }) =>
    options
      .filter(({ value }) => value !== undefined)
      .flatMap(({ names: flags }) => flags.map((flag) => [...words, flag].join(" "))),
  );
  return `# fish completion for ${names.join(" and ")}
function __mc_gate_path
    set -l words (commandline -opc)
    set -e words[1]
    set -l path
    set -l is_value 0
    for word in $words
        if test $is_value = 1
            set is_value 0
            continue
        end
        switch (string join ' ' -- $path $word)
            case ${valued.map(quoted).join(" ")}
                set is_value 1
            case ${commands
              .slice(1)
              .map(({ words }) => quoted(words.join(" ")))
              .join(" ")}
                set -a path $word
        end
    end
    string join ' ' -- $path
end

function __mc_gate_at
    set -l path (__mc_gate_path)
    test "$path" = "$argv[1]"
end

for name in ${names.join(" ")}
    complete -c $name -f
${commands.flatMap(linesOf).join("\n")}
end`;
}

function linesOf({ words, commands, options, argument }: CompletedCommand): string[] {
  const at = `    complete -c $name -n ${quoted(`__mc_gate_at "${words.join(" ")}"`)}`;
  return [
    ...commands.map(({ name, description }) => `${at} -a ${name} -d ${quoted(description)}`),
    ...options.map((option) => `${at} ${optionText(option)}`),
    ...argumentText(argument).map((text) => `${at} ${text}`),
  ];
}

function optionText({ names, description, value }: CompletedOption): string {
  const flags = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return `${flags.join(" ")}${valueText(value)} -d ${quoted(description)}`;
}

function valueText(value: Values | undefined): string {
  if (value === undefined) return "";
  if (value === "path") return " -r -F";
  return value === "unknown" ? " -x" : ` -x -a ${quoted(value.join(" "))}`;
}

function argumentText(argument: Values | undefined): string[] {
  if (argument === undefined || argument === "unknown") return [];
  return [argument === "path" ? "-F" : `-a ${quoted(argument.join(" "))}`];
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
