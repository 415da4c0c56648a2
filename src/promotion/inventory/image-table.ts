import { createHash } from "node:crypto";

import { type ImageLine, keyOf } from "./lines.ts";

type ImageName = Pick<ImageLine, "repository" | "digest">;

/** A number about each of many images, in some sixty bytes each: what a line says is not kept. */
export interface ImageTable {
  readonly get: (image: ImageName) => number | undefined;
  readonly set: (image: ImageName, value: number) => void;
  readonly values: () => IterableIterator<number>;
}

/** Bytes of a hash that tell images apart: of a million, two agree once in 10^17 times. */
const BYTES = 12;

/** An empty table. */
export function createImageTable(): ImageTable {
  const values = new Map<string, number>();
  return {
    get: (image) => values.get(shortNameOf(image)),
    set: (image, value) => void values.set(shortNameOf(image), value),
    values: () => values.values(),
  };
}

/** A separate text, of one byte a character: a part of a longer one would keep all of it. */
function shortNameOf(image: ImageName): string {
  return createHash("sha256").update(keyOf(image)).digest().toString("base64url", 0, BYTES);
}
