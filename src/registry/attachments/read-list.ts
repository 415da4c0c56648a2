import { type AttachmentForm, Fault } from "../../core/index.ts";
import { ADVICE } from "../advice.ts";
import type { InTurn } from "../auth/turns.ts";
import { NOT_A_LIST } from "../documents.ts";
import { isOfContent, TooLong } from "../http/failures.ts";
import type { RegistryLimits } from "../settings.ts";
import type { Budget } from "./budget.ts";
import type { Collection } from "./collection.ts";
import type { PlaceName } from "./places.ts";

/** Bytes of a list or manifest that are always read; nearly all are shorter. */
const SHORT = 256 * 1024;

/** What may lie in a place, for reports. */
const FORMS: Readonly<Record<PlaceName, AttachmentForm>> = {
  "referrers API": "bundle",
  "fallback tag": "bundle",
  ".sig tag": "cosign-sig",
  ".att tag": "cosign-att",
};

/**
 * Reads what one place lists. A place that cannot be read is a gap that names it and its answer, and hides nothing that
 * the others hold. What was found before the failure counts. Throws where the caller's time is over, and where the gate is
 * overloaded.
 */
export async function readPlace<T>(
  place: PlaceName,
  { subject, intake, signal }: Collection,
  read: (found: T[]) => Promise<"read" | "no such place">,
): Promise<T[]> {
  const found: T[] = [];
  try {
    if ((await read(found)) === "read") intake.searched(place);
  } catch (error) {
    if (!isOfContent(error, signal)) throw error;
    const message = `the ${place} was not read: ${error.message}`;
    const isImage = place === "fallback tag" && error.message === NOT_A_LIST;
    const fault = isImage ? { code: error.code, advice: ADVICE.lostSignatures } : error;
    intake.failed({ form: FORMS[place], digest: subject, is: "place" }, fault, message);
  }
  return found;
}

/** What reading the lists of one image takes. */
export interface ListTask {
  readonly limits: Pick<RegistryLimits, "manifestBytes" | "listBytes">;
  /** Of all lists together. */
  readonly listBudget: Budget;
  /** One long list at a time is in memory. */
  readonly inTurn: InTurn;
  /** Waited for before so many bytes are read; what was read before is done with. */
  readonly reserveBytes?: ((bytes: number) => Promise<void>) | undefined;
}

/** The task of reading what lists one subject's attachments. */
export function listTask({ limits, listBudget, inTurn, wanted }: Collection): ListTask {
  return { limits, listBudget, inTurn, reserveBytes: wanted.reserveBytes };
}

/**
 * What `open` makes of one list or manifest, off the budget of lists. A long one is asked for again once there is room for
 * it: how long it is, only reading it shows. Undefined where there is none. Throws Fault `limits/exceeded` that names the
 * setting where it is larger than may be read.
 */
export async function readList<T extends { readonly bytes: Buffer }, Content>(
  task: ListTask,
  fetch: (limit: number) => Promise<T | undefined>,
  open: (found: T) => Promise<Content>,
): Promise<Content | undefined> {
  const { limits, listBudget, inTurn, reserveBytes } = task;
  const read = async (most: number): Promise<Content | undefined> => {
    const found = await fetch(most);
    listBudget.left -= found?.bytes.length ?? 0;
    return found && (await open(found));
  };
  const most = (): number => Math.min(limits.manifestBytes, listBudget.left);
  if (most() <= 0) throw pastLimit(task);
  try {
    return await read(Math.min(SHORT, most()));
  } catch (error) {
    if (!(error instanceof TooLong) || most() <= SHORT) throw named(error, task);
  }
  return await inTurn(async () => {
    if (most() <= SHORT) throw pastLimit(task);
    await reserveBytes?.(most());
    try {
      return await read(most());
    } catch (error) {
      throw named(error, task);
    } finally {
      await reserveBytes?.(0);
    }
  });
}

function named(error: unknown, task: ListTask): unknown {
  return error instanceof TooLong ? pastLimit(task, error) : error;
}

function pastLimit({ limits: { manifestBytes, listBytes }, listBudget }: ListTask, cause?: TooLong): Fault {
  const limit =
    listBudget.left < manifestBytes
      ? `all lists and manifests together are longer than ${listBytes} bytes (registries.limits.listBytes)`
      : `a list or manifest is longer than ${manifestBytes} bytes (registries.limits.manifestBytes)`;
  return new Fault("limits/exceeded", limit, { cause });
}
