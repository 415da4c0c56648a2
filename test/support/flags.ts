import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

/**
 * The values of a command's flags. Prints the help and ends where `--help` asks for it. Throws TypeError for what is no
 * flag of it.
 */
export function readFlags<const T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  flags: T,
  help: string,
) {
  const options = { ...flags, help: { type: "boolean", default: false } } as const;
  const { values } = parseArgs({ args: [...args], options });
  if ((values as { readonly help?: unknown }).help === true) {
    process.stdout.write(help);
    process.exit();
  }
  return values;
}
