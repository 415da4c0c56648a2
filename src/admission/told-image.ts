import { printable, type Subject } from "../core/index.ts";

const MAX_IMAGE = 300;

/** The image as written, the digest by its first 12 characters, which is how people compare them. */
export function imageOf({ image }: Subject): string {
  return printable(image, MAX_IMAGE).replace(/(sha(?:256|512):[0-9a-f]{12})[0-9a-f]+$/, "$1");
}
