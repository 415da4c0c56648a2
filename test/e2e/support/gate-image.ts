import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { pushImage, type PushedImage } from "./images.ts";
import { nodeImage } from "./node-image.ts";
import { runOrThrow } from "./process.ts";
import { PROJECT } from "./programs.ts";

/** Bundles the gate and pushes it as an image, as the Dockerfile would lay it out. */
export async function pushGateImage(registry: string): Promise<PushedImage> {
  const dist = await mkdtemp(join(tmpdir(), "mc-dist-"));
  try {
    const rolldown = join(PROJECT, "node_modules/rolldown/bin/cli.mjs");
    await runOrThrow(process.execPath, [rolldown, "-c", "rolldown.config.ts", "--dir", dist], {
      cwd: PROJECT,
    });
    const recipe = await nodeImage([{ path: "/app", from: dist }], "/app/mc.js");
    return await pushImage(registry, "mc-gate", recipe);
  } finally {
    await rm(dist, { recursive: true, force: true });
  }
}
