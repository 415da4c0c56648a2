import type { AttachmentForm } from "../core/index.ts";
import type { Collection } from "./collection.ts";
import { TooLarge } from "./failures.ts";
import type { PlaceName } from "./places.ts";

/** Where attachments are listed. */
export interface Place {
  readonly name: PlaceName;
  readonly form: AttachmentForm;
}

/**
 * Reads one place's list. A list too large to read passes over this place alone, so that whoever may attach cannot
 * hide what stands in the others; every other failure is a Fault. Undefined where there is no list.
 */
export async function readList<T>(
  { name, form }: Place,
  { intake, subject, limits }: Collection,
  read: (limit: number) => Promise<T | undefined>,
): Promise<T | undefined> {
  try {
    return await read(limits.manifestBytes);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    intake.lookedAt(name);
    intake.passOver(
      form,
      subject,
      "too-large",
      `what the ${name} lists is larger than ${limits.manifestBytes} bytes`,
    );
    return undefined;
  }
}
