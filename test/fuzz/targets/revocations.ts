import { readFileSync } from "node:fs";

import { readPlain } from "../../../src/documents/index.ts";
import {
  parseRevocations,
  revocationWeakenings,
  type Revocations,
  voidedBy,
} from "../../../src/revocations/index.ts";
import { aSignature, aSigner, without } from "../../support/policies.ts";
import { yamlTexts } from "../generate/yaml-texts.ts";
import { hasPlaces } from "../problems.ts";
import { at } from "../read.ts";
import { type AnyTarget, hold, target } from "../target.ts";

/** Revocations: read whole or not at all, and what an entry names is void. */
export function open(): AnyTarget {
  const sample = readFileSync("policy/revocations.yaml", "utf8").replaceAll(/^ *#.*\n/gm, "");
  return target({
    inputs: yamlTexts([sample]),
    call: parseRevocations,
    check: (parsed, text) => {
      if (!parsed.ok) return hold(hasPlaces(parsed.problems, text), "a problem has no place in the text");
      const plain = readPlain(text);
      const listed = plain.ok ? at(plain.value.content, "revocations") : undefined;
      hold(Array.isArray(listed) && listed.length === parsed.value.entries.length, "an entry was left out");
      hold(revocationWeakenings(text, text).length === 0, "it is weaker than itself");
      checkVoid(parsed.value);
    },
  });
}

/** A signature without a trusted time is void by any revocation of its signer. */
function checkVoid(revocations: Revocations): void {
  const undated = without(aSignature(), "trustedTime");
  for (const { key, digest, issuer, identity } of revocations.entries) {
    if (digest !== undefined) hold(revocations.digests.has(digest), "a revoked digest is not found");
    const signer = key === undefined ? undefined : ({ kind: "key", fingerprint: key } as const);
    if (signer !== undefined)
      hold(voidedBy(revocations, { ...undated, signer }) !== undefined, "a revoked key counts");
    if (issuer === undefined || identity === undefined || !identity.matches(identity.source)) continue;
    const stolen = aSigner({ identity: identity.source, issuer });
    hold(voidedBy(revocations, { ...undated, signer: stolen }) !== undefined, "a revoked identity counts");
  }
}
