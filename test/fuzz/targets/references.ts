import { isDeepStrictEqual } from "node:util";

import * as fc from "fast-check";

import { formatImageRef, parseDigest, parseImageRef, repositoryName } from "../../../src/core/index.ts";
import { editedTexts, tokenSoup } from "../generate/edited-texts.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const HEX = "0123456789abcdef".repeat(4);
const VALID = [
  "nginx",
  "acme/app:1.27",
  `ghcr.io/acme/app@sha256:${HEX}`,
  `registry.example:5000/a/b-c__d.e:v1@sha512:${HEX}${HEX}`,
  "localhost/a",
  "[2001:db8::1]:5000/a/b",
  "INDEX.docker.io/library/nginx:latest",
];
const TOKENS = [
  "/",
  ":",
  "@",
  "sha256:",
  HEX,
  ".",
  "..",
  "_",
  "__",
  "-",
  "[",
  "]",
  "a",
  "A",
  "%2f",
  "\n",
  "İ",
  "docker.io/",
  "65536",
];

/** The parser of image references, with `parse ∘ format` and a grammar of what it may let through. */
export function open(): AnyTarget {
  return target({
    inputs: fc.oneof(
      editedTexts(fc.constantFrom(...VALID), TOKENS, 8192),
      tokenSoup(TOKENS),
      fc.string({ unit: "binary" }),
    ),
    call: parseImageRef,
    check: (parsed, text) => {
      if (!parsed.ok) return hold(parsed.why !== "", "it does not say why");
      const written = formatImageRef(parsed.ref);
      hold(isDeepStrictEqual(parseImageRef(written), parsed), `${written} reads as something else`);
      hold(/^[\x21-\x7e]+$/.test(written), "it lets through what is no plain character");
      hold(written.startsWith(repositoryName(parsed.ref)), "it is in another repository");
      const { digest } = parsed.ref;
      hold(
        digest === undefined || (parseDigest(digest) === digest && text.endsWith(digest)),
        "it made up a digest",
      );
    },
  });
}
