/**
 * The JSON answer of a command. `version` is that of its form, and not the program's: a change that readers must know
 * of raises it.
 */
export function jsonAnswer(fields: Readonly<Record<string, unknown>>, version = 1): string {
  return JSON.stringify({ version, ...fields }, undefined, 2);
}
