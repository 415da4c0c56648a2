import type { Danger, Problem } from "../../core/index.ts";
import { dangerProblems, readDocument } from "../../documents/index.ts";
import { Settings } from "./settings.ts";

const OF_HOSTS = ["plainHttpUnsafe", "allowLoopbackUnsafe"] as const;

/** Every dangerous setting of a gate. */
export function settingsDangers({ registries }: Pick<Settings, "registries">): Danger[] {
  return Object.entries(registries.hosts).flatMap(([host, settings]) =>
    OF_HOSTS.filter((name) => settings[name]).map((name) => ({
      name,
      path: ["registries", "hosts", host, name],
    })),
  );
}

/** The dangerous settings in a text of settings, for a lint that names them; empty where it has problems. */
export function dangersInSettings(text: string): Problem[] {
  const read = readDocument(text, Settings);
  return read.ok ? dangerProblems(text, settingsDangers(read.value)) : [];
}
