import type { Command } from "commander";

import { EXIT, type ExitCode } from "../../core/index.ts";
import { print } from "../terminal.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { completedCommands } from "./model.ts";
import { powershellScript } from "./powershell.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript, powershell: powershellScript };

/** `mc completion`: the script of a shell, in which nothing is asked of the program again. */
export function completion(
  program: Command,
  shell: keyof typeof SCRIPTS,
  names: readonly string[],
): ExitCode {
  print(SCRIPTS[shell](completedCommands(program), names));
  return EXIT.allowed;
}
