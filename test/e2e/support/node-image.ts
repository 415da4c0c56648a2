import { join } from "node:path";

import type { ImageFile, ImageRecipe } from "./images.ts";
import { runOrThrow } from "./process.ts";
import { PROJECT } from "./programs.ts";

const NODE = join(PROJECT, "node_modules/node/bin/node");

/** The accounts that a distroless image has. */
const ACCOUNTS: readonly ImageFile[] = [
  {
    path: "/etc/passwd",
    text: "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
  },
  { path: "/etc/group", text: "root:x:0:\nnonroot:x:65532:\n" },
];

/** The shared libraries that a program is linked with, and its loader, each at its own path. */
async function librariesOf(path: string): Promise<ImageFile[]> {
  const listing = await runOrThrow("ldd", [path]);
  const paths = listing.match(/\/\S+/g) ?? [];
  return [...new Set(paths)].map((library) => ({ path: library, from: library }));
}

/**
 * A recipe for an image with the Node.js that this project pins (its `node` dev dependency, not the machine's own), the
 * C libraries that it needs, and an application: what a distroless Node image holds, where none can be pulled.
 */
export async function nodeImage(app: readonly ImageFile[], main: string): Promise<ImageRecipe> {
  return {
    files: [{ path: "/nodejs/bin/node", from: NODE }, ...(await librariesOf(NODE)), ...ACCOUNTS, ...app],
    entrypoint: ["/nodejs/bin/node", main],
    environment: { NODE_ENV: "production", HOME: "/home/nonroot" },
  };
}
