import { getAsset, isSea } from "node:sea";
import { Worker } from "node:worker_threads";

/** The code of a thread: a file, or in the executable the code itself. */
export type ThreadScript = URL | string;

/**
 * The code of a thread, which is an asset of the executable, or a file next to the module that starts it, whose URL is
 * `from`: the source of that name, or the bundle of its entry. Source: Node.js, "Single executable applications".
 */
export function threadScript(name: string, from: string): ThreadScript {
  const bundle = `${name}.js`;
  if (isSea()) return getAsset(bundle, "utf8");
  return new URL(from.endsWith(".ts") ? `${name}.ts` : bundle, from);
}

/** Starts a thread with so much heap, MiB. Throws where none can be started. */
export function startThread(script: ThreadScript, heapMib: number): Worker {
  return new Worker(script, {
    eval: typeof script === "string",
    resourceLimits: { maxOldGenerationSizeMb: heapMib },
  });
}
