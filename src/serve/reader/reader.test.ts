import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { READ_TASKS } from "./read-tasks.ts";

const SRC = join(import.meta.dirname, "../..");
/** Sources by their paths below src, without tests. */
const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
  .map((path) => ({ path, text: readFileSync(join(SRC, path), "utf8") }));

/** An option by which a room takes a reader in another thread; without it the room reads in the thread that answers. */
const OPTION = /\breadonly (read\w*Elsewhere|readLarge)\?/g;

/** Which room takes which option, the file of the running gate that passes it, and the task that it stands for. */
const PASSED: readonly (readonly [room: string, option: string, file: string, task: string])[] = [
  ["admission/ports.ts", "readLarge", "serve/serve.ts", "readWorkload"],
  ["guard/ports.ts", "readPartsElsewhere", "serve/serve.ts", "readReviewParts"],
  ["argocd/ports.ts", "readPartsElsewhere", "serve/argocd.ts", "readReviewParts"],
  ["argocd/target/read-target.ts", "readTargetElsewhere", "serve/argocd.ts", "targetOf"],
  ["argocd/client.ts", "readElsewhere", "serve/argocd.ts", "readJsonParts"],
  ["composition/compose.ts", "readElsewhere", "serve/gate.ts", "registryDocument"],
  ["kube/client/client.ts", "readElsewhere", "serve/cluster.ts", "readJsonParts"],
];
/** What composition is passed for it. */
const HANDED_ON = "registry/assemble.ts";

describe("what the running gate reads in another thread", () => {
  it.each(PASSED)("%s takes %s, and %s passes it as the task %s", (_, option, file, task) => {
    const text = textOf(file);
    const passed = new RegExp(
      String.raw`\b${option}\b[^=,;]*[:=] \([^)]*\) =>\s*reader\.run(?:For)?\([^)]*"${task}"`,
    );
    expect(text).toMatch(passed);
  });

  it("is whatever a room may have read there", () => {
    const taken = sources
      .filter(({ path }) => path !== HANDED_ON)
      .flatMap(({ path, text }) => [...text.matchAll(OPTION)].map(([, option]) => `${path} ${option}`));
    expect(taken.toSorted()).toEqual(PASSED.map(([room, option]) => `${room} ${option}`).toSorted());
  });

  it("is every task of the thread", () => {
    const composed = sources.filter(
      ({ path }) => path.startsWith("serve/") && !path.startsWith("serve/reader/"),
    );
    const idle = Object.keys(READ_TASKS).filter((task) => {
      const run = new RegExp(String.raw`reader\.run(?:For)?\([^)]*"${task}"`);
      return !composed.some(({ text }) => run.test(text));
    });
    expect(idle).toEqual([]);
  });
});

function textOf(file: string): string {
  return sources.find(({ path }) => path === file)!.text;
}
