import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { getContainerRuntimeClient } from "testcontainers";

const NODE = join(import.meta.dirname, "../../node_modules/node/bin/node");

/** What stands in for the distroless base of the Dockerfile, so that nothing has to be pulled. */
export const BASE = "localhost/node24:test";

/** Imports an image with the project's own Node.js at `/nodejs/bin/node`, the libraries that it needs, and no shell. */
export async function importBase(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "mc-base-"));
  try {
    const root = join(folder, "root");
    put(NODE, join(root, "nodejs/bin/node"));
    const libraries = execFileSync("ldd", [NODE], { encoding: "utf8" }).match(/\/\S+/g) ?? [];
    for (const library of new Set(libraries)) put(library, join(root, library));
    mkdirSync(join(root, "etc"));
    writeFileSync(join(root, "etc/passwd"), "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n");
    mkdirSync(join(root, "tmp"));
    chmodSync(join(root, "tmp"), 0o1777);
    const archive = join(folder, "root.tar");
    execFileSync("tar", ["--numeric-owner", "--owner=0", "--group=0", "-C", root, "-cf", archive, "."]);
    const { container } = await getContainerRuntimeClient();
    const [repo, tag] = [BASE.slice(0, BASE.lastIndexOf(":")), BASE.slice(BASE.lastIndexOf(":") + 1)];
    const progress = await container.dockerode.importImage(archive, { repo, tag });
    await new Promise((resolve, reject) => {
      progress.on("end", resolve).on("error", reject).resume();
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function put(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
