const NAME = /^mc-gate-record\.([A-Za-z0-9.-]{1,253})\.([0-9a-f]{8})\.(\d{12})\.jsonl$/;
const DIGITS = 12;

/** What the name of a file says. */
export interface RecordFileName {
  readonly pod: string;
  /** `POD/8 hex digits`. */
  readonly chain: string;
  /** Number of its first line. */
  readonly first: number;
}

/** The name of a file that begins with a line. Names of one chain sort by their numbers. */
export function recordFileName(chain: string, first: number): string {
  const at = chain.lastIndexOf("/");
  const pod =
    chain
      .slice(0, at)
      .replace(/[^A-Za-z0-9.-]/g, "-")
      .slice(0, 253) || "unnamed";
  return `mc-gate-record.${pod}.${chain.slice(at + 1)}.${String(first).padStart(DIGITS, "0")}.jsonl`;
}

/** What a file's name says; undefined where it is not a record's. */
export function parseRecordFileName(name: string): RecordFileName | undefined {
  const [, pod, id, first] = NAME.exec(name) ?? [];
  if (pod === undefined || id === undefined || first === undefined) return undefined;
  return { pod, chain: `${pod}/${id}`, first: Number(first) };
}

/** Whether a file is one of a record. */
export function isRecordFile(name: string): boolean {
  return NAME.test(name);
}
