import { isDeepStrictEqual } from "node:util";

import * as fc from "fast-check";

import { type Challenge, parseChallenges } from "../../../src/registry/auth/challenge.ts";
import { checkRealm } from "../../../src/registry/auth/realm.ts";
import { editedTexts, tokenSoup } from "../generate/edited-texts.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const VALID = [
  'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull"',
  'Basic realm="a \\"b\\"", charset="UTF-8"',
  'Negotiate abc/def==, Basic realm=x, Bearer realm="y" , error="invalid_token"',
];
const TOKENS = [
  '"',
  "\\",
  ",",
  "=",
  " ",
  "\t",
  "Bearer ",
  "Basic ",
  'realm="',
  "a",
  "~",
  "é",
  "==",
  "https://",
  "@",
  "__proto__=",
];
const ORIGIN = new URL("https://registry.example:5000");

/** WWW-Authenticate headers: read back what is written, and no realm leads to another host. */
export function open(): AnyTarget {
  return target({
    inputs: fc.oneof(
      editedTexts(fc.constantFrom(...VALID), TOKENS, 9000),
      tokenSoup(TOKENS, 4000),
      fc.string({ unit: "binary" }),
    ),
    call: parseChallenges,
    check: (challenges) => {
      const again = parseChallenges(challenges.map(written).join(", "));
      hold(
        again.length === 0 || isDeepStrictEqual(plain(again), plain(challenges)),
        "written again it reads as something else",
      );
      for (const { params } of challenges) checkRealmOf(params["realm"]);
    },
  });
}

function written({ scheme, params }: Challenge): string {
  const parts = Object.entries(params).map(
    ([name, value]) => `${name}="${value.replaceAll(/["\\]/g, "\\$&")}"`,
  );
  return `${scheme} ${parts.join(", ")}`.trim();
}

function plain(challenges: readonly Challenge[]): unknown {
  return challenges.map(({ scheme, params }) => [scheme, Object.entries(params)]);
}

function checkRealmOf(realm: string | undefined): void {
  const checked = realm === undefined ? undefined : checkRealm(realm, ORIGIN, []);
  if (checked?.ok !== true) return;
  const { hostname, protocol, username } = checked.url;
  const isOwn = hostname.endsWith("registry.example");
  hold(isOwn && protocol === "https:" && username === "", `it sends secrets to ${checked.url.href}`);
}
