import { UsageError } from "../core/index.ts";

/** An approval as it is written into a document. */
export interface WrittenApproval {
  readonly by: string;
  readonly seat: string;
  readonly at: string;
  readonly ref?: string;
}

/** `NAME:SEAT` or `NAME:SEAT:REFERENCE`; a reference may hold colons. Throws UsageError. */
export function approvalOf(text: string, at: string): WrittenApproval {
  const [by = "", seat = "", ...rest] = text.split(":");
  if (by === "" || seat === "")
    throw new UsageError(`--approve ${text} is not NAME:SEAT or NAME:SEAT:REFERENCE`);
  return { by, seat, at, ...(rest.length > 0 && { ref: rest.join(":") }) };
}
