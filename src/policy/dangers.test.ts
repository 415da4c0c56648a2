import { describe, expect, it } from "vitest";

import { policyDangers } from "./dangers.ts";
import { parsePolicy } from "./policy.ts";

const RULES = `rules: [{ name: app, images: ["ghcr.io/acme/*"], require: { reference: { pinned: true } } }]\n`;
const KEY = "secret: { name: s, key: k }";
const ROOT = "source: file, path: /r.json";

describe("the dangerous settings of a policy", () => {
  it.each<[string, string, readonly (readonly [name: string, path: string])[]]>([
    ["none", `unmatched: deny\n`, []],
    ["what no rule covers", "unmatched: allow\n", [["unmatchedAllow", "unmatched"]]],
    [
      "a key without a log",
      `authorities: { a: { key: { ${KEY}, transparencyLogNotRequiredUnsafe: true } } }\n`,
      [["transparencyLogNotRequiredUnsafe", "authorities.a.key.transparencyLogNotRequiredUnsafe"]],
    ],
    [
      "a setting that is written out as safe",
      `trustRoots: { r: { ${ROOT}, transparencyLogNotRequiredUnsafe: false } }\n`,
      [],
    ],
    [
      "two trust roots",
      `trustRoots:
  r: { ${ROOT}, transparencyLogNotRequiredUnsafe: true, certificateTransparencyNotRequiredUnsafe: true }
  s: { ${ROOT}, certificateTransparencyNotRequiredUnsafe: true }\n`,
      [
        ["transparencyLogNotRequiredUnsafe", "trustRoots.r.transparencyLogNotRequiredUnsafe"],
        ["certificateTransparencyNotRequiredUnsafe", "trustRoots.r.certificateTransparencyNotRequiredUnsafe"],
        ["certificateTransparencyNotRequiredUnsafe", "trustRoots.s.certificateTransparencyNotRequiredUnsafe"],
      ],
    ],
  ])("are named with their places, and counted: %s", (_, settings, dangers) => {
    const text = settings + RULES;
    const parsed = parsePolicy(text);
    expect(parsed.ok && parsed.value.dangers).toEqual(dangers.map(([name]) => name));
    expect(policyDangers(text).map(({ path, rule }) => [path, rule])).toEqual(
      dangers.map(([, path]) => [path, "danger"]),
    );
  });
});
