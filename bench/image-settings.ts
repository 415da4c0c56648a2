import { readFileSync } from "node:fs";

/** How the image starts Node: the bench measures what is shipped. */
export interface ImageSettings {
  readonly nodeArguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** The settings in the Dockerfile. */
export function imageSettings(): ImageSettings {
  const text = readFileSync(new URL("../Dockerfile", import.meta.url), "utf8");
  const entry = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(text)?.[1] ?? "[]") as string[];
  const variables = [...text.matchAll(/^ENV (.+)$/gm)].flatMap(([, line = ""]) => line.split(" "));
  return {
    nodeArguments: entry.filter((each) => each.startsWith("--")),
    environment: Object.fromEntries(variables.map((each) => each.split("=") as [string, string])),
  };
}
