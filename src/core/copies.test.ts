import { describe, expect, it } from "vitest";

import { aSignature, aSigner, hoursAgo, without } from "../../test/support/policies.ts";
import { provenSince, withCopies } from "./copies.ts";
import { digestOf } from "./digest.ts";
import type { Proof } from "./evidence.ts";

const at = (hours: number, differing: Partial<Proof> = {}): Proof =>
  aSignature({ trustedTime: hoursAgo(hours), ...differing });
const undated = without(at(0), "trustedTime");
const key = { kind: "key", fingerprint: digestOf("a key") } as const;
const claims = { runInvocationURI: "another run" };

function sinceOf(...attachments: readonly (readonly Proof[])[]): (Date | undefined)[] {
  return withCopies(attachments).map(provenSince);
}

describe("since when a statement is known to be there", () => {
  it.each<[string, readonly (readonly Proof[])[], readonly (number | undefined)[]]>([
    ["alone", [[at(1)]], [1]],
    ["stamped again, in whichever order", [[at(3)], [at(1)], [at(2)]], [3, 3, 3]],
    ["beside another statement", [[at(3)], [at(1, { statement: digestOf("another") })]], [3, 1]],
    ["beside the same by another signer", [[at(3)], [at(1, { signer: aSigner({ identity: "x" }) })]], [3, 1]],
    ["beside the same by another run", [[at(3)], [at(1, { signer: aSigner({ claims }) })]], [3, 1]],
    ["beside the same by a key", [[at(3)], [at(1, { signer: key })]], [3, 1]],
    ["that another trust root dates", [[at(3)], [at(1, { signer: aSigner({ trustRoot: "x" }) })]], [3, 3]],
    ["of which a copy has no time", [[at(3)], [undated], [at(1)]], [undefined, undefined, undefined]],
    ["of which one trust root knows no time", [[undated, at(3)], [at(1)]], [undefined, 3, 3]],
  ])("%s", (_, attachments, expected) => {
    expect(sinceOf(...attachments)).toEqual(expected.map((hours) => hours && hoursAgo(hours)));
  });

  it("is kept where copies are brought together again", () => {
    const [, late] = withCopies([[at(3)], [at(1)]]);
    expect(sinceOf([late!], [at(2)])).toEqual([hoursAgo(3), hoursAgo(3)]);
    const [dated] = withCopies([[at(3)], [undated]]);
    expect(sinceOf([at(2)], [dated!])).toEqual([undefined, undefined]);
  });

  it("changes no copy's own time", () => {
    expect(withCopies([[at(3)], [at(1)]]).map(({ trustedTime }) => trustedTime)).toEqual([
      hoursAgo(3),
      hoursAgo(1),
    ]);
  });
});
