import { Argument, type Command, Option } from "commander";

import type { Finish } from "../options.ts";

const NAMES = ["mc", "mc-gate"];
const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

const HELP = `
  ~/.bashrc                   source <(mc completion bash)
  ~/.zshrc, after compinit    source <(mc completion zsh)
  ~/.config/fish/config.fish  mc completion fish | source
  $PROFILE of PowerShell      mc completion powershell | Out-String | Invoke-Expression

Where mc is another program, such as Midnight Commander: mc-gate completion bash --name mc-gate`;

/** `mc completion`, for the commands and options of the program. */
export function addCompletion(program: Command, finish: Finish): void {
  program
    .command("completion")
    .description("Print a script by which a shell completes commands, options and their values.")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .addOption(
      new Option("--name <name>", "the name that the program is called by; default: both").choices(NAMES),
    )
    .addHelpText("after", HELP)
    .action(async (shell: (typeof SHELLS)[number], { name }: { name?: string }) => {
      const { completion } = await import("./completion.ts");
      await finish(completion(program, shell, name === undefined ? NAMES : [name]));
    });
}
