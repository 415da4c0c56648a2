import { registerHooks } from "node:module";
import { isMainThread } from "node:worker_threads";

import { bundled } from "./bundled.ts";

/** Preloaded into the tests' processes, whose threads it reaches as well: a thread of the gate starts from its bundle. */
if (!isMainThread) {
  registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context);
      return { ...resolved, url: bundled(resolved.url) };
    },
  });
}
