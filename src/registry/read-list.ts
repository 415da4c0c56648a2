import { type AttachmentForm, Fault } from "../core/index.ts";
import type { Collection } from "./collection.ts";
import { TooLong } from "./failures.ts";
import type { PlaceName } from "./places.ts";

/** What may lie in a place, for reports. */
const FORMS: Readonly<Record<PlaceName, AttachmentForm>> = {
  "referrers API": "bundle",
  "fallback tag": "bundle",
  ".sig tag": "cosign-sig",
  ".att tag": "cosign-att",
};

/**
 * Reads what one place lists. A place that cannot be read is a gap that names it and its answer, and hides nothing that
 * the others hold. What was found before the failure counts. Throws only where the caller's time is over.
 */
export async function readPlace<T>(
  place: PlaceName,
  { subject, intake, signal }: Collection,
  read: (found: T[]) => Promise<"read" | "no such place">,
): Promise<T[]> {
  const found: T[] = [];
  try {
    if ((await read(found)) === "read") intake.lookedAt(place);
  } catch (error) {
    if (signal.aborted || !(error instanceof Fault)) throw error;
    const message = `the ${place} was not read: ${error.message}`;
    intake.unread({ form: FORMS[place], digest: subject, is: "place" }, error.code, message);
  }
  return found;
}

/**
 * One list or manifest, off the budget of lists. Undefined where there is none. Throws Fault `limits/exceeded` that names the setting
 * where it is larger than may be read.
 */
export async function readList<T extends { readonly bytes: Buffer }>(
  { limits: { manifestBytes, listBytes }, listBudget }: Pick<Collection, "limits" | "listBudget">,
  read: (limit: number) => Promise<T | undefined>,
): Promise<T | undefined> {
  const isShort = listBudget.left < manifestBytes;
  const limit = isShort
    ? `all lists and manifests together are longer than ${listBytes} bytes (registries.limits.listBytes)`
    : `a list or manifest is longer than ${manifestBytes} bytes (registries.limits.manifestBytes)`;
  if (listBudget.left <= 0) throw new Fault("limits/exceeded", limit);
  try {
    const found = await read(isShort ? listBudget.left : manifestBytes);
    listBudget.left -= found?.bytes.length ?? 0;
    return found;
  } catch (error) {
    if (!(error instanceof TooLong)) throw error;
    listBudget.left -= isShort ? listBudget.left : manifestBytes;
    throw new Fault("limits/exceeded", limit, { cause: error });
  }
}
