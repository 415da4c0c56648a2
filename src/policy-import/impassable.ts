import type { Draft, Signers } from "./draft.ts";

/** Names of the rules that no image can pass, since too many of those who would have to sign are unusable. */
export function impassableRules({ rules, unusable }: Draft): string[] {
  const isMet = (settings: unknown): boolean => canBeMet(settings as Partial<Signers>, unusable);
  return rules.filter(({ require }) => !Object.values(require).flat().every(isMet)).map(({ name }) => name);
}

/** A requirement without signers, such as that of a digest, can always be met. */
function canBeMet(settings: Partial<Signers>, unusable: ReadonlySet<string>): boolean {
  const usable = (names: readonly string[]): number => names.filter((name) => !unusable.has(name)).length;
  if ("anyOf" in settings) return usable(settings.anyOf) > 0;
  if ("allOf" in settings) return usable(settings.allOf) === settings.allOf.length;
  if ("threshold" in settings) return usable(settings.threshold.of) >= settings.threshold.count;
  return true;
}
