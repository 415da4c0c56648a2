import { openRegistriesOfUser } from "../../composition/index.ts";
import { asFault, type Digest, type Fault, type PinnedImage } from "../../core/index.ts";
import { registrySettings } from "../offline-gate.ts";
import type { EntryOptions } from "./draft.ts";

/** The platform images of an index; undefined where an image is none. Throws faults. */
export type Children = (image: PinnedImage) => Promise<readonly Digest[] | undefined>;

/** Runs a task that may ask registries for the platform images of indexes; a fault is its result. */
export async function withChildren<T>(
  options: EntryOptions,
  task: (children: Children) => Promise<T>,
): Promise<T | Fault> {
  const client = openRegistriesOfUser(registrySettings(options));
  try {
    return await task((image) => client.children(image, {}, AbortSignal.timeout(options.timeout * 1000)));
  } catch (error) {
    if (error instanceof Error && error.name === "UsageError") throw error;
    return asFault(error);
  } finally {
    await client.close();
  }
}
