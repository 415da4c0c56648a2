/** The issuer of GitHub Actions' tokens. */
export const GITHUB_ISSUER = "https://token.actions.githubusercontent.com";
/** The identity that the tests' policies trust. */
export const RELEASE_WORKFLOW = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main";

/** Claims of a workflow run that a test wants to differ from a release of acme/app on main. */
export interface Claims {
  readonly repository?: string;
  readonly ref?: string;
  readonly trigger?: string;
  readonly runner?: string;
  readonly sha?: string;
  readonly visibility?: string;
  /** The caller's workflow, where it is not the one in the identity. */
  readonly buildConfig?: string;
}

interface Extension {
  readonly oid: string;
  readonly value: string;
  readonly legacy: boolean;
}

/** A Fulcio certificate's extensions for a run. Numbers: sigstore/fulcio docs/oid-info.md. */
export function extensionsOf(issuer: string, san: string, claims: Claims): Extension[] {
  const {
    repository = "acme/app",
    ref = "refs/heads/main",
    trigger = "push",
    visibility = "public",
  } = claims;
  const { sha = "a".repeat(40), runner = "github-hosted", buildConfig = san } = claims;
  const owner = repository.split("/")[0]!;
  const raw = { 1: issuer, 2: trigger, 3: sha, 4: "release", 5: repository, 6: ref };
  const utf8 = {
    8: issuer,
    9: san,
    10: sha,
    11: runner,
    12: `https://github.com/${repository}`,
    13: sha,
    14: ref,
    15: "123",
    16: `https://github.com/${owner}`,
    17: "456",
    18: buildConfig,
    19: sha,
    20: trigger,
    21: `https://github.com/${repository}/actions/runs/1/attempts/1`,
    22: visibility,
  };
  const only = issuer === GITHUB_ISSUER ? { raw, utf8 } : { raw: { 1: issuer }, utf8: { 8: issuer } };
  return [...toExtensions(only.raw, true), ...toExtensions(only.utf8, false)];
}

function toExtensions(values: Readonly<Record<string, string>>, legacy: boolean): Extension[] {
  return Object.entries(values).map(([arc, value]) => ({ oid: `1.3.6.1.4.1.57264.1.${arc}`, value, legacy }));
}
