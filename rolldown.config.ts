import { defineConfig } from "rolldown";

import { commitOf } from "./src/cli/version/commit.ts";

/**
 * The shipped form: ESM, split, so that what a command does not need is not loaded. Each worker is an entry of its own,
 * since it is started by its file; every chunk lies in one folder, where src/core/thread-script.ts looks for it.
 */
export default defineConfig({
  input: {
    mc: "src/cli/main.ts",
    "verify-worker": "src/verify/pool/verify-worker.ts",
    "read-worker": "src/serve/reader/read-worker.ts",
  },
  platform: "node",
  transform: { define: { MC_BUILT_FROM: JSON.stringify(commitOf(import.meta.dirname) ?? null) } },
  output: {
    dir: "dist",
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    minify: false,
    cleanDir: true,
  },
});
