import { type Edit, matcherRows, type Row } from "./row.ts";
import { BARE_ROOT, FILES, GITHUB, LAYERS, pem, RELEASE } from "./world.ts";

const ROOT = "trustRoots.main";
const INLINE: Edit = [ROOT, { source: "inline", trustedRoot: FILES["/roots/ours.json"]! }];
const BARE: Edit = [ROOT, { source: "inline", trustedRoot: BARE_ROOT }];
const KEYLESS = "authorities.a.keyless";
const KEY = "authorities.a";
const PEM: Edit = [KEY, { key: { pem: pem.right } }];
const SECRET: Edit = [KEY, { key: { secret: { name: "cosign", key: "cosign.pub" } } }];

/** What the certificate of LAYERS.release says. */
const CLAIMS: Readonly<Record<string, string>> = {
  sourceRepositoryURI: "https://github.com/acme/app",
  sourceRepositoryRef: "refs/heads/main",
  sourceRepositoryOwnerURI: "https://github.com/acme",
  sourceRepositoryIdentifier: "123",
  sourceRepositoryOwnerIdentifier: "456",
  sourceRepositoryVisibilityAtSigning: "public",
  buildSignerURI: RELEASE,
  buildSignerDigest: "a".repeat(40),
  buildConfigURI: RELEASE,
  runnerEnvironment: "github-hosted",
  buildTrigger: "push",
  githubWorkflowName: "release",
};

/** Rows of trust roots and authorities. */
export const TRUST_ROWS: readonly Row[] = [
  {
    knob: "trustRoots.*.source",
    at: `${ROOT}.source`,
    given: [[`${ROOT}.path`, "/roots/unlogged.json"]],
    flip: ["file", "github"],
    layers: LAYERS.unlogged,
  },
  { knob: "trustRoots.*(file).path", at: `${ROOT}.path`, flip: ["/roots/ours.json", "/roots/other.json"] },
  {
    knob: "trustRoots.*(github).path",
    at: `${ROOT}.path`,
    given: [[`${ROOT}.source`, "github"]],
    flip: ["/roots/ours.json", "/roots/other.json"],
  },
  {
    knob: "trustRoots.*(inline).trustedRoot",
    at: `${ROOT}.trustedRoot`,
    given: [INLINE],
    flip: [FILES["/roots/ours.json"]!, FILES["/roots/other.json"]!],
  },
  {
    knob: "trustRoots.*(file).transparencyLogNotRequiredUnsafe",
    at: `${ROOT}.transparencyLogNotRequiredUnsafe`,
    flip: [false, true],
    layers: LAYERS.unlogged,
  },
  {
    knob: "trustRoots.*(inline).transparencyLogNotRequiredUnsafe",
    at: `${ROOT}.transparencyLogNotRequiredUnsafe`,
    given: [INLINE],
    flip: [false, true],
    layers: LAYERS.unlogged,
  },
  {
    knob: "trustRoots.*(file).certificateTransparencyNotRequiredUnsafe",
    at: `${ROOT}.certificateTransparencyNotRequiredUnsafe`,
    given: [[`${ROOT}.path`, "/roots/bare.json"]],
    flip: [false, true],
    layers: LAYERS.withoutSct,
  },
  {
    knob: "trustRoots.*(inline).certificateTransparencyNotRequiredUnsafe",
    at: `${ROOT}.certificateTransparencyNotRequiredUnsafe`,
    given: [BARE],
    flip: [false, true],
    layers: LAYERS.withoutSct,
  },
  {
    knob: "authorities.*.keyless.trustRoot",
    at: `${KEYLESS}.trustRoot`,
    given: [["trustRoots.second", { source: "file", path: "/roots/other.json" }]],
    flip: ["main", "second"],
  },
  {
    knob: "authorities.*.keyless.issuer",
    at: `${KEYLESS}.issuer`,
    flip: [GITHUB, "https://accounts.google.com"],
  },
  ...matcherRows("authorities.*.keyless.identity", `${KEYLESS}.identity`, RELEASE),
  ...Object.entries(CLAIMS).flatMap(([claim, value]) =>
    matcherRows(`authorities.*.keyless.claims.${claim}`, `${KEYLESS}.claims.${claim}`, value, [
      [`${KEYLESS}.claims`, {}],
    ]),
  ),
  {
    knob: "authorities.*.key.pem",
    at: "authorities.a.key.pem",
    given: [PEM],
    flip: [pem.right, pem.wrong],
    layers: LAYERS.byKey,
  },
  {
    knob: "authorities.*.key.secret.name",
    at: "authorities.a.key.secret.name",
    given: [SECRET],
    flip: ["cosign", "other"],
    layers: LAYERS.byKey,
  },
  {
    knob: "authorities.*.key.secret.key",
    at: "authorities.a.key.secret.key",
    given: [SECRET],
    flip: ["cosign.pub", "other.pub"],
    layers: LAYERS.byKey,
  },
  {
    knob: "authorities.*.key.transparencyLogNotRequiredUnsafe",
    at: "authorities.a.key.transparencyLogNotRequiredUnsafe",
    given: [PEM],
    flip: [false, true],
    layers: LAYERS.byKeyUnlogged,
  },
];
