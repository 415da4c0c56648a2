import type { Answer, Case } from "./case.ts";
import type { RegoAnswer } from "./conftest.ts";

/** The cases that the two engines answer differently, each with both answers. */
export function differing(
  cases: readonly Case[],
  gate: (name: string) => Answer | undefined,
  rego: (name: string) => RegoAnswer | undefined,
): object[] {
  return cases
    .map(({ name }) => ({ name, gate: canonical(gate(name)), rego: canonical(answerOf(rego(name))) }))
    .filter((each) => each.gate === undefined || each.gate !== each.rego);
}

/** The codes that the lint tells people of, each in a sentence, as an answer has them. */
export function told({ reported }: RegoAnswer): Pick<Answer, "document" | "refused"> {
  const sentences = reported.filter(({ msg }) => /: .{10,}\.$/.test(msg));
  const document = sentences.filter(({ waiver }) => waiver === undefined).map(({ code }) => code);
  const byEntry = Object.groupBy(
    sentences.filter(({ waiver }) => waiver !== undefined),
    ({ waiver }) => String(waiver),
  );
  const refused = Object.entries(byEntry).map(
    ([index, of]) => [index, of!.map(({ code }) => code).toSorted()] as const,
  );
  return { document, refused: Object.fromEntries(refused) };
}

/** Every code by which something is refused. */
export function codesOf({ document, refused }: Answer): string[] {
  return [...new Set([...document, ...Object.values(refused).flat()])].toSorted();
}

function answerOf(rego: RegoAnswer | undefined): Answer | undefined {
  if (rego === undefined) return undefined;
  const { reported: _, ...answer } = rego;
  return answer;
}

/** An answer as text, whatever the order of its keys. */
function canonical(answer: Answer | undefined): string | undefined {
  return answer === undefined ? undefined : JSON.stringify(sorted(answer));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
  const keys = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(keys.map(([key, each]) => [key, sorted(each)]));
}
