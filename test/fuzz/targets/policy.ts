import { readFileSync } from "node:fs";

import { judge, parsePolicy, plan, policyWeakenings } from "../../../src/policy/index.ts";
import { anImage, evidenceOf, NOW } from "../../support/policies.ts";
import { yamlTexts } from "../generate/yaml-texts.ts";
import { hasPlaces } from "../problems.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const IMAGE = anImage();
const SUBJECT = { image: "as written", place: 'container "web"' };
/** What an image without evidence may fail none of. */
const WITHOUT_EVIDENCE: readonly string[] = ["reference"];

/** Policies: read or refused with a place, and one that is read lets no image without evidence past what it asks. */
export function open(): AnyTarget {
  const sample = readFileSync("policy/policy.yaml", "utf8").replaceAll(/^ *#.*\n/gm, "");
  return target({
    inputs: yamlTexts([sample, EVERYTHING]),
    call: parsePolicy,
    check: (parsed, text) => {
      if (!parsed.ok) return hold(hasPlaces(parsed.problems, text), "a problem has no place in the text");
      const policy = parsed.value;
      hold(policy.rules.length > 0 || policy.unmatched === "deny", "it asks nothing of anything");
      hold(
        policy.rules.every(({ require }) => require.length > 0),
        "a rule asks nothing",
      );
      hold(policyWeakenings(text, text).length === 0, "it is weaker than itself");
      const asked = plan(policy, { image: IMAGE, namespace: "shop" }, { copiesCount: false });
      if (asked.kind === "unmatched") return;
      const { rules } = asked;
      const found = judge({
        policy,
        copiesCount: false,
        rules,
        subject: SUBJECT,
        image: IMAGE,
        namespace: "shop",
        evidence: evidenceOf(),
        keys: [],
        now: NOW,
      });
      const asks = rules.some(({ require }) => require.some(({ gate }) => !WITHOUT_EVIDENCE.includes(gate)));
      hold(!asks || found.length > 0, "an image without evidence passes");
    },
  });
}

const EVERYTHING = `
trustRoots:
  main: { source: publicGood }
authorities:
  release:
    keyless:
      trustRoot: main
      issuer: https://token.actions.githubusercontent.com
      identity: { pattern: '^https://github\\.com/acme/[a-z]+/\\.github/workflows/[a-z]+\\.yml@refs/tags/v[0-9.]+$' }
      claims: { sourceRepositoryURI: https://github.com/acme/app, runnerEnvironment: github-hosted }
  security:
    keyless: { trustRoot: main, issuer: https://issuer.example, identity: scanner@acme.example }
rules:
  - name: everything
    images: ["ghcr.io/acme/**", ghcr.io/*/app]
    namespaces: [shop, "prod-*"]
    require:
      reference: { pinned: true }
      signature: { allOf: [release, security] }
      provenance: { anyOf: [release], sourceRefs: [refs/heads/main], maxAge: 90d }
      sbom: { anyOf: [release], maxAge: 30d }
      vulnerability: { anyOf: [security], maxAge: 7d, blocked: [critical, high] }
      promotable: { anyOf: [security] }
unmatched: deny
`;
