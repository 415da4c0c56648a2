import type { Case } from "./case.ts";
import { generatedCases } from "./generated.ts";
import { chainCases } from "./written-chains.ts";
import { clockCases } from "./written-clock.ts";
import { fieldCases } from "./written-fields.ts";
import { lineCases } from "./written-lines.ts";
import { peopleCases } from "./written-people.ts";
import { ruleCases } from "./written-rules.ts";
import { textCases } from "./written-text.ts";
import { timeCases } from "./written-times.ts";

const GENERATED = 400;
const SEED = 20_261_124;

/** Every case that both engines answer alike. */
export function corpus(): Case[] {
  const alone = [...timeCases(), ...fieldCases(), ...lineCases(), ...ruleCases()];
  const together = [...peopleCases(), ...chainCases(), ...clockCases(), ...textCases()];
  return [...alone, ...together, ...generatedCases(GENERATED, SEED)];
}
