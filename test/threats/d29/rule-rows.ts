import { matcherRows, REQUIRE, type Row, signerRows, asking } from "./row.ts";
import { LAYERS, subject } from "./world.ts";

const RULE = "rules.0";
/** What the provenance of LAYERS.release says. */
const SAID: Readonly<Record<string, string>> = {
  builders: "https://github.com/actions/runner/github-hosted",
  sourceRepositories: "https://github.com/acme/app",
  sourceRefs: "refs/heads/main",
  workflows: ".github/workflows/release.yml",
  triggers: "push",
  buildTypes: "https://actions.github.io/buildtypes/workflow/v1",
};

function signersOf(gate: string): Row[] {
  return signerRows({
    knob: `rules[].require.${gate}`,
    at: `${REQUIRE}.${gate}`,
    given: (signers) => asking(gate, signers),
    layers: LAYERS.byBoth,
  });
}

/** Rows of rules, and of the gates reference, signature and provenance. */
export const RULE_ROWS: readonly Row[] = [
  { knob: "rules[].name", at: `${RULE}.name`, flip: ["r", "s"], layers: [], isWording: true },
  { knob: "rules[].images[]", at: `${RULE}.images.0`, flip: ["ghcr.io/acme/app", "ghcr.io/acme/other"] },
  {
    knob: "rules[].namespaces[]",
    at: `${RULE}.namespaces.0`,
    given: [[`${RULE}.namespaces`, []]],
    flip: ["shop", "other"],
  },
  {
    knob: "rules[].require.reference.pinned",
    at: `${REQUIRE}.reference`,
    flip: [{ pinned: true }, null],
    image: "ghcr.io/acme/app:1",
  },
  {
    knob: "rules[].require.reference.checkpoints",
    at: `${REQUIRE}.reference.checkpoints`,
    given: [asking("reference", { pinned: true })],
    flip: ["refused", "allowed"],
    checkpoint: "org.criu.checkpoint.container.name",
  },
  ...signersOf("signature"),
  {
    knob: "rules[].require.signature.dockerReference",
    at: `${REQUIRE}.signature.dockerReference`,
    given: [[`${RULE}.images.0`, "**"]],
    flip: ["match", "ignore"],
    image: `mirror.test/acme/app@${subject}`,
    layers: LAYERS.legacy,
  },
  ...signersOf("provenance"),
  ...Object.entries(SAID).flatMap(([setting, value]) =>
    matcherRows(`rules[].require.provenance.${setting}[]`, `${REQUIRE}.provenance.${setting}.0`, value, [
      [`${REQUIRE}.provenance.${setting}`, []],
    ]),
  ),
  {
    knob: "rules[].require.provenance.maxAge",
    at: `${REQUIRE}.provenance.maxAge`,
    flip: ["1d", "7d"],
    daysLater: 2,
  },
  { knob: "unmatched", at: "unmatched", flip: ["deny", "allow"], image: `quay.io/acme/app@${subject}` },
];
