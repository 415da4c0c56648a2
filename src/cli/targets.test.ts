import { describe, expect, it } from "vitest";

import { imagesIn } from "./targets.ts";

function listOf(items: string): string {
  return `{ apiVersion: v1, kind: List, items: [${items}] }`;
}

describe("the images of a manifest", () => {
  it("are found in lists of lists, with their place", () => {
    const pod = "{ apiVersion: v1, kind: Pod, spec: { containers: [{ name: a, image: nginx }] } }";
    const { images } = imagesIn("file.yaml", listOf(`${listOf(pod)}, ${pod}`), []);
    expect(images.map(({ image, path }) => [image, path.join(".")])).toEqual([
      ["nginx", "items.0.items.0.spec.containers.0.image"],
      ["nginx", "items.1.spec.containers.0.image"],
    ]);
  });

  it("are not looked for without end", () => {
    expect(() => imagesIn("file.yaml", `&a ${listOf("*a")}`, [])).toThrow(/lists in lists|aliases/);
  });
});
