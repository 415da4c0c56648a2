/**
 * Why an exact text can never be equal to what it is compared with, one clause with the right form in it; undefined where
 * it may be. Only what is certain is said: of a CI system or host that is not known here, any text may be right, and a
 * pattern is never questioned.
 */
export type DeadText = string | undefined;

const GITHUB = "https://token.actions.githubusercontent.com";
const GITLAB = "https://gitlab.com";
/** Issuers whose tokens are known to name them so. Source: sigstore/fulcio config/identity/config.yaml. */
const ISSUERS: readonly string[] = [
  GITHUB,
  GITLAB,
  "https://accounts.google.com",
  "https://agent.buildkite.com",
  "https://github.com/login/oauth",
  "https://oauth2.sigstore.dev/auth",
  "https://oidc.codefresh.io",
];
const GITHUB_IDENTITY = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main";
const GITLAB_IDENTITY = "https://gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main";
/** job_workflow_ref of a token: owner, repository, path, and a full ref or a commit. Source: docs.github.com, OpenID Connect reference. */
const OF_GITHUB = /^https:\/\/github\.com\/[^/@]+\/[^/@]+\/.+@(?:refs\/.+|[0-9a-f]{40})$/;
/** ci_config_ref_uri of a token: two slashes before the path. Source: docs.gitlab.com, ID token payload. */
const OF_GITLAB = /^https:\/\/gitlab\.com\/[^@]+[^/@]\/\/[^/].*@(?:refs\/.+|[0-9a-f]{40})$/;

/** Of any text: nothing that an identity or a source is called begins with ^ and ends with $. */
export function deadExpression(text: string): DeadText {
  return text.startsWith("^") && text.endsWith("$")
    ? "it is compared exactly, but looks like a pattern; write it after pattern:"
    : undefined;
}

/** Of a certificate's identity, of this issuer where it is known. Also of the claims buildSignerURI and buildConfigURI. */
export function deadIdentity(text: string, issuer?: string): DeadText {
  const meant = meantAsPattern(text);
  if (meant !== undefined) return meant;
  if (isPadded(text)) return "it begins or ends with a space";
  if (issuer === GITHUB && !OF_GITHUB.test(text))
    return `GitHub's identities have the form ${GITHUB_IDENTITY}, with the ref`;
  if (issuer === GITLAB && !OF_GITLAB.test(text))
    return `GitLab's identities have the form ${GITLAB_IDENTITY}, with two slashes before the path`;
  return undefined;
}

/** Of an OIDC issuer. */
export function deadIssuer(text: string): DeadText {
  if (deadExpression(text) !== undefined)
    return "it is compared exactly, but looks like a pattern; name each issuer";
  if (text.includes("*")) return "it is compared exactly, but contains a wildcard; name each issuer";
  if (isPadded(text)) return "it begins or ends with a space";
  const bare = bareUrl(text);
  const known = ISSUERS.find((issuer) => bareUrl(issuer) === bare && issuer !== text);
  return known === undefined ? undefined : `this issuer calls itself ${known}`;
}

/** Of the address of a repository or of its owner (`what`), as certificates and provenance state it. */
export function deadSource(text: string, what: "repository" | "owner" = "repository"): DeadText {
  const form = `such as https://github.com/acme${what === "owner" ? "" : "/app"}`;
  const meant = meantAsPattern(text);
  if (meant !== undefined) return meant;
  if (isPadded(text)) return "it begins or ends with a space";
  if (!/^[a-z][a-z0-9+.-]*:\/\/./.test(text)) return `it is not an address; write it in full, ${form}`;
  if (text.startsWith("git+")) return `it is stated without git+, ${form}`;
  if (/@(?:refs\/|[0-9a-f]{40}$)/.test(text)) return `it is stated without a ref, ${form}`;
  if (!/^https:\/\/(?:github|gitlab)\.com\//i.test(text)) return undefined;
  return /\.git$|\/$/.test(text)
    ? `it is stated without .git and without a slash at its end, ${form}`
    : undefined;
}

/** Whether an issuer is known to state git refs in full; others may call a branch by its name. */
export function hasFullRefs(issuer: string): boolean {
  return issuer === GITHUB || issuer === GITLAB;
}

/** Of a git ref, where it is stated in full. */
export function deadRef(text: string): DeadText {
  const meant = meantAsPattern(text);
  if (meant !== undefined) return meant;
  return /^refs\/./.test(text) && !isPadded(text)
    ? undefined
    : "refs are stated in full, such as refs/heads/main or refs/tags/v1.0.0";
}

/** Of the path of a workflow in its repository. */
export function deadWorkflow(text: string): DeadText {
  const meant = meantAsPattern(text);
  if (meant !== undefined) return meant;
  if (isPadded(text)) return "it begins or ends with a space";
  const form = "write the path in the repository, such as .github/workflows/release.yml";
  if (/^\.?\/|:\/\/|@refs\/|@(?!.*\.ya?ml$)/.test(text)) return `it is not a path without a ref; ${form}`;
  return /^[^/.][^/]*\.ya?ml$/.test(text)
    ? `${form}, or a pattern: where it lies at the top of the repository`
    : undefined;
}

const CVE = /^CVE-[0-9-]+$/;
const GHSA = /^GHSA-[0-9a-z-]+$/;

/** Of a vulnerability's id, as scanners report it. */
export function deadFinding(text: string): DeadText {
  if (/^[a-z]+\/[a-z-]+$/.test(text))
    return "it is a code of the gate, and no waiver covers a scan that is missing, old or unreadable; write an id such as CVE-2026-1111";
  if (/[\p{Zs}*?]/u.test(text)) return "it is one id, without spaces and wildcards, such as CVE-2026-1111";
  if (/^[Cc][Vv][Ee]\b/.test(text) && !CVE.test(text)) return "such an id is written like CVE-2026-1111";
  if (/^[Gg][Hh][Ss][Aa]\b/.test(text) && !GHSA.test(text))
    return "such an id is written like GHSA-ab12-cd34-ef56";
  return undefined;
}

/** A question mark that begins a URL's query is not a wildcard. */
function meantAsPattern(text: string): DeadText {
  return /\*|\?(?![\w.~%-]+=)/.test(text) && deadExpression(text) === undefined
    ? "it is compared exactly, but contains a wildcard; write a pattern: instead"
    : deadExpression(text);
}

function isPadded(text: string): boolean {
  return text !== text.trim();
}

/** Without scheme, slash at the end and capital letters: what people leave out or add. */
function bareUrl(text: string): string {
  return text
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/\/+$/, "");
}
