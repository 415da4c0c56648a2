interface RenamedWord {
  /** The command that the word belongs to; empty for `mc` itself. */
  readonly command: readonly string[];
  /** A subcommand, or an option with its dashes. */
  readonly old: string;
  readonly now: string;
}

const RENAMED: readonly RenamedWord[] = [
  { command: [], old: "revoke", now: "revocations" },
  { command: ["waivers"], old: "canonical", now: "payload" },
  { command: ["policy", "import"], old: "--accept-loss", now: "--accept-loss-unsafe" },
];

/** Says which word of a command line has been renamed, as a sentence; undefined where none has. */
export function renamedWord(args: readonly string[]): string | undefined {
  const found = RENAMED.find((word) => isUsed(word, args));
  if (found === undefined) return undefined;
  const [old, now] = [found.old, found.now].map((word) => ["mc", ...found.command, word].join(" "));
  return `"${old}" is now called "${now}".`;
}

function isUsed({ command, old }: RenamedWord, args: readonly string[]): boolean {
  if (command.some((word, at) => args[at] !== word)) return false;
  const rest = args.slice(command.length);
  return old.startsWith("-") ? rest.includes(old) : rest[0] === old;
}
