import { describe, expect, it } from "vitest";

import { judge, parsePolicy } from "../../src/policy/index.ts";
import { verifyAttachments } from "../../src/verify/index.ts";
import { anImage } from "../support/policies.ts";
import { provenance, world } from "../support/signed-layers.ts";
import { RELEASE_WORKFLOW } from "../support/sigstore-claims.ts";

const DAY = 86_400_000;
const { sigstore, subject, now, release, material, attachmentsOf } = await world();

describe("C27: an old but valid attestation", () => {
  it.each([
    [29, []],
    [31, ["provenance/too-old"]],
  ])("after %d days with maxAge 30d leads to %j", async (days, codes) => {
    const issuer = "https://token.actions.githubusercontent.com";
    const parsed = parsePolicy(
      JSON.stringify({
        trustRoots: { test: { source: "inline", trustedRoot: JSON.stringify(sigstore.trustedRoot) } },
        authorities: { release: { keyless: { trustRoot: "test", issuer, identity: RELEASE_WORKFLOW } } },
        rules: [
          {
            name: "r",
            images: ["ghcr.io/**"],
            require: { provenance: { anyOf: ["release"], maxAge: "30d" } },
          },
        ],
      }),
    );
    if (!parsed.ok) throw new Error(parsed.problems[0]!.message);
    const evidence = verifyAttachments(
      attachmentsOf([await provenance.bundle(sigstore, release, subject)]),
      material(),
      now,
    );
    const findings = judge({
      policy: parsed.value,
      rules: parsed.value.rules,
      subject: { image: "x", place: "test" },
      image: anImage(`ghcr.io/acme/app@${subject}`),
      evidence,
      keys: [],
      now: new Date(now.getTime() + days * DAY),
    });
    expect(findings.map(({ code }) => code)).toEqual(codes);
  });
});
