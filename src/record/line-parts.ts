import { nameEnd, userHash } from "./chain.ts";
import type { DecisionLine, RecordLine } from "./schema.ts";

/** Whether a line may be one of a record: a log has others. */
export function hasFormOfRecord(text: string): boolean {
  return (
    text.includes('"record":{"version":') ||
    text.startsWith('{"msg":"facts"') ||
    text.startsWith('{"msg":"names erased"')
  );
}

/**
 * A line without the name of its user, which is what is hashed. Undefined where the name is not at the end of the line, or is
 * another than the one that was hashed.
 */
export function bareText(text: string, line: RecordLine): string | undefined {
  if (!("userSalt" in line) || line.userSalt === undefined) return text;
  const key = line.msg === "sync" ? "initiatedBy" : "user";
  const name = line.msg === "sync" ? line.initiatedBy : userOf(line);
  if (name === undefined) return undefined;
  const end = nameEnd(key, name, line.userSalt);
  if (!text.endsWith(end) || userHash(name, line.userSalt) !== line.userHash) return undefined;
  return `${text.slice(0, -end.length)}}`;
}

function userOf(line: RecordLine): string | undefined {
  return "user" in line ? line.user : undefined;
}

/** The digests of all facts that a decision rests on. */
export function factsOf({ basis }: Pick<DecisionLine, "basis">): string[] {
  if (basis === undefined) return [];
  const { trust, contents = [], evidence, approvals = [] } = basis;
  const held = [...contents, ...evidence, ...approvals].flatMap(({ facts }) => facts ?? []);
  return typeof trust === "string" ? [trust, ...held] : held;
}
