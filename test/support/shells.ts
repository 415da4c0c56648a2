import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a real shell offers at the end of a line, sorted, after it has read a completion script. */
export type Complete = (folder: string, script: string, line: string) => string[];

/** Readline splits words at `=`. */
const BASH = `source ./script
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
"$(complete -p -- "$1" | sed -E 's/.*-F ([^ ]+) .*/\\1/')"
[ "\${#COMPREPLY[@]}" = 0 ] || printf '%s\\n' "\${COMPREPLY[@]}"`;

/** Its line editor needs a terminal, which zpty is; every match goes by \`compadd\`. */
const ZSH = `zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner "PROMPT=; HITS=$PWD/hits; autoload -U compinit; compinit -u -D; source ./script"
zpty -w inner 'bindkey "^I" complete-word; finished() { exit }; comppostfuncs=(finished)'
zpty -w inner 'compadd() { if [[ \${@[1,(i)(-|--)]} != *-(O|A|D)\\ * ]]; then
  local -a hits; builtin compadd -A hits "$@"; print -rl -- $hits >> $HITS; fi; builtin compadd "$@"; }'
zpty -w inner 'print REA""DY'
while zpty -r inner text; do [[ $text == *READY* ]] && break; done
zpty -n -w inner "$1"$'\\t'
while zpty -r inner text; do :; done
[[ ! -e hits ]] || { cat hits; rm hits }`;

const FISH = `source ./script
complete -C $argv[1] | string replace -r '\\t.*' ''
true`;

/** The shells that a script is tried in. PowerShell is not one: no package registry of this project has it. */
export const SHELLS: Readonly<Record<"bash" | "zsh" | "fish", Complete>> = {
  bash: (folder, script, line) => offered(folder, script, ["bash", BASH, ...line.split(/ |(?==)|(?<==)/)]),
  zsh: (folder, script, line) => offered(folder, script, ["zsh", ZSH, line]),
  fish: (folder, script, line) => offered(folder, script, ["fish", FISH, line]),
};

/** Whether a shell is installed. */
export function isInstalled(shell: string): boolean {
  return spawnSync(shell, ["-c", "true"]).status === 0;
}

const OWN = new Set(["", "script", "program", "hits"]);

function offered(folder: string, script: string, [shell = "", code = "", ...args]: string[]): string[] {
  writeFileSync(join(folder, "script"), script);
  writeFileSync(join(folder, "program"), code);
  const flags = shell === "zsh" ? ["-f"] : [];
  const options = { cwd: folder, encoding: "utf8", env: { ...process.env, HOME: folder } } as const;
  const text = execFileSync(shell, [...flags, "./program", ...args], options);
  const words = text.split("\n").map((word) =>
    word
      .trim()
      .replaceAll("\\", "")
      .replace(/^--\w+=/, ""),
  );
  return [...new Set(words)].filter((word) => !OWN.has(word)).toSorted();
}
