import { threadScript } from "../../core/index.ts";
import { createOffload, type Offload } from "../../offload/index.ts";
import type { ReadTasks } from "./read-tasks.ts";

const SCRIPT = threadScript("read-worker", import.meta.url);
const MIB = 1024 * 1024;
/** Far more than the largest input needs: what is reached is a machine that has no processor time left. */
const LIMIT_MS = 20_000;
/** JSON of 7 MiB, or YAML of 1 MiB, as values. */
const HEAP_MIB = 256;
/** As many bytes of reviews as are taken in at once. */
const MAX_BYTES = 64 * MIB;
const REST_MS = 30_000;

/** The thread that reads what is large. */
export type LargeReader = Offload<ReadTasks>;

/** A reader whose thread begins with its first input. */
export function createLargeReader(): LargeReader {
  return createOffload<ReadTasks>({
    script: SCRIPT,
    limitMs: LIMIT_MS,
    heapMib: HEAP_MIB,
    maxBytes: MAX_BYTES,
    restMs: REST_MS,
  });
}
