import type { BuildSource, CertificateClaims, Provenance, Signer } from "../../core/index.ts";

/** One fact about a build: what the predicate says, and what the signer's certificate says. */
export interface Fact {
  readonly name: "builder" | "source repository" | "source ref" | "source commit" | "workflow" | "trigger";
  /** Undefined also where the predicate has no word of the same meaning: what GitLab calls an entry point is a job. */
  readonly declared: string | undefined;
  readonly certified: string | undefined;
}

const HOSTED_RUNNER = /^https:\/\/github\.com\/actions\/runner\/([a-z-]+)$/;

/**
 * The facts of a build, each as its predicate and as its signer's certificate state it: those of the source once for
 * each source that is stated, since all of them must be allowed. The certificate's claims come from the CI system that
 * vouched for the workload, the predicate's from anyone who ran in it: where both speak they must agree, and the
 * certificate's counts. Sources: SLSA v1.0 "Verifying artifacts"; sigstore/fulcio docs/oid-info.md, arcs 9 to 18.
 */
export function factsOf(provenance: Provenance, signer: Signer): Fact[] {
  const claims = signer.kind === "keyless" ? signer.claims : {};
  return [
    {
      name: "builder",
      declared: provenance.builderId,
      certified: certifiedBuilder(provenance.builderId, claims),
    },
    ...sourcesOf(provenance, ({ repository }) => repository, [
      "source repository",
      claims.sourceRepositoryURI,
    ]),
    ...sourcesOf(provenance, ({ ref }) => ref, ["source ref", claims.sourceRepositoryRef]),
    ...sourcesOf(provenance, ({ commit }) => commit, ["source commit", claims.sourceRepositoryDigest]),
    workflowOf(provenance, claims),
    { name: "trigger", declared: provenance.trigger, certified: claims.buildTrigger },
  ];
}

/** One fact for each source; one that nothing states where there is none. */
function sourcesOf(
  { sources }: Provenance,
  read: (source: BuildSource) => string | undefined,
  [name, certified]: readonly [Fact["name"], string | undefined],
): Fact[] {
  const values = sources.length === 0 ? [undefined] : sources.map(read);
  return values.map((declared) => ({ name, declared, certified }));
}

/**
 * Builders that name a workflow (`https://host/path@ref`) or GitHub's kind of runner are checked against the claims of
 * the same meaning; other ids, such as a run's address, have no counterpart.
 */
function certifiedBuilder(
  builderId: string,
  { buildSignerURI, runnerEnvironment }: CertificateClaims,
): string | undefined {
  const runner = HOSTED_RUNNER.exec(builderId);
  if (runner !== null && runnerEnvironment !== undefined)
    return `https://github.com/actions/runner/${runnerEnvironment}`;
  const namesWorkflow = builderId.includes("@") && hostOf(builderId) !== undefined;
  return namesWorkflow && hostOf(builderId) === hostOf(buildSignerURI) ? buildSignerURI : undefined;
}

function hostOf(uri: string | undefined): string | undefined {
  return uri === undefined || !URL.canParse(uri) ? undefined : new URL(uri).host;
}

/**
 * The path in `https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main`; the whole claim where it
 * lies outside the source repository, so that no path of the predicate's can stand in for it.
 */
function workflowOf(
  provenance: Provenance,
  { buildConfigURI, sourceRepositoryURI }: CertificateClaims,
): Fact {
  if (buildConfigURI === undefined)
    return { name: "workflow", declared: provenance.workflow, certified: undefined };
  const inSource = sourceRepositoryURI !== undefined && buildConfigURI.startsWith(`${sourceRepositoryURI}/`);
  const path = inSource ? buildConfigURI.slice(sourceRepositoryURI.length + 1).split("@")[0] : buildConfigURI;
  return { name: "workflow", declared: undefined, certified: path };
}
