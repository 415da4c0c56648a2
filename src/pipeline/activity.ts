import type { Activity, Check, CheckMode, Product } from "./pipeline.ts";

/** One step, as far as it is read. */
export interface StepText {
  /** The action, without the ref that it is pinned to; empty where there is none. */
  readonly action: string;
  /** What it is given. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The shell text; empty where there is none. */
  readonly command: string;
  /** A failure of the step does not fail its stage. */
  readonly mayFail: boolean;
}

interface Known {
  readonly checks?: readonly Check[];
  readonly products?: readonly Product[];
  readonly releases?: readonly Product[];
  readonly signsKeyless?: boolean;
}

/** What is known about an action or a command: a pattern over its name or text, and what it does. */
type Row = readonly [pattern: RegExp, known: Known];

/** Actions by name, ours and those of GitHub's marketplace. */
const ACTIONS: readonly Row[] = [
  [/^(?:docker-build|docker\/build-push-action|redhat-actions\/buildah-build)$/, { products: ["image"] }],
  [/^(?:docker-push|redhat-actions\/push-to-registry)$/, { releases: ["image"] }],
  [/^(?:trivy-scan|grype-scan)$/, { checks: ["vulnerability"] }],
  [
    /^(?:aquasecurity\/trivy-action|anchore\/scan-action|snyk\/actions\b.*|docker\/scout-action)$/,
    { checks: ["vulnerability"] },
  ],
  [
    /^(?:github\/codeql-action\/analyze|actions\/dependency-review-action|google\/osv-scanner-action\b.*)$/,
    { checks: ["vulnerability"] },
  ],
  [/^(?:syft-sbom|anchore\/sbom-action|cyclonedx\/\S+)$/i, { products: ["sbom"] }],
  [/^cosign-sign$/, { releases: ["signature"], signsKeyless: true }],
  [/^(?:cosign-attest|actions\/attest-sbom)$/, { releases: ["attestation"], signsKeyless: true }],
  [/^actions\/attest(?:-build-provenance)?$/, { releases: ["provenance"], signsKeyless: true }],
  [/^slsa-framework\/slsa-github-generator\b.*$/, { releases: ["provenance"], signsKeyless: true }],
  [/^actions\/upload-artifact$/, { products: ["artifact"] }],
  [
    /^(?:softprops\/action-gh-release|ncipollo\/release-action|goreleaser\/goreleaser-action)$/,
    { releases: ["release"] },
  ],
  [/^pypa\/gh-action-pypi-publish$/, { releases: ["package"], signsKeyless: true }],
  [
    /^(?:actions\/deploy-pages|azure\/k8s-deploy|aws-actions\/amazon-ecs-deploy-task-definition)$/i,
    { releases: ["deployment"] },
  ],
  [/^(?:mc-verify)$/, { checks: ["policy"] }],
];

/** Programs in shell text. Words are looked for at the beginning of a command. */
const COMMANDS: readonly Row[] = [
  [/^(?:docker|podman|buildah|nerdctl) (?:image )?push\b/, { releases: ["image"] }],
  [
    /^(?:docker|podman|nerdctl) (?:buildx )?(?:build|bake)\b|^buildah (?:bud|build)\b/,
    { products: ["image"] },
  ],
  [/^(?:crane|oras|skopeo) (?:push|copy|cp|tag|append)\b|^ko (?:build|publish)\b/, { releases: ["image"] }],
  [/^cosign sign\b(?!-blob)/, { releases: ["signature"], signsKeyless: true }],
  [/^cosign attest\b/, { releases: ["attestation"], signsKeyless: true }],
  [/^cosign verify\b/, { checks: ["signature"] }],
  [/^(?:mc|mc-gate) (?:verify|presync)\b/, { checks: ["policy"] }],
  [
    /^(?:trivy|grype|snyk|osv-scanner|npm audit|govulncheck|pip-audit|cargo audit)\b/,
    { checks: ["vulnerability"] },
  ],
  [/^syft\b|^cyclonedx\S*\b/, { products: ["sbom"] }],
  [
    /^(?:kubectl|oc) (?:apply|create|replace|set image|rollout)\b|^helm (?:upgrade|install)\b|^argocd app sync\b|^terraform apply\b/,
    { releases: ["deployment"] },
  ],
  [/^gh release (?:create|upload)\b/, { releases: ["release"] }],
  [
    /^(?:npm|pnpm|yarn|cargo|twine|poetry|uv) (?:publish|upload)\b|^mvn\b.*\bdeploy\b|^gradle\b.*\bpublish\b/,
    { releases: ["package"] },
  ],
  [
    /^(?:npm|pnpm|yarn) (?:run )?(?:-\S+ )*test\b|^(?:go|cargo|dotnet|mvn|gradle|make|\.\/mvnw|\.\/gradlew) (?:\S+ )*(?:test|verify|check)\b|^(?:pytest|tox|vitest|jest)\b/,
    { checks: ["tests"] },
  ],
  [
    /^(?:npm|pnpm|yarn) (?:run )?(?:-\S+ )*(?:lint|typecheck|format:check|check)\b|^(?:eslint|ruff|golangci-lint|actionlint|shellcheck|tsc|mypy)\b/,
    { checks: ["lint"] },
  ],
];

const MAX_COMMAND_CHARACTERS = 100_000;
/** What may be before a program's name in a command. */
const PREFIX =
  /^(?:(?:sudo|env|time|exec|command|npx|nohup)(?: -\S+)* |[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|\S*) )*/;

/** What steps do, read from the names of actions and the programs that they run. Pure. */
export function activityOf(steps: readonly StepText[]): Activity {
  const found = steps.flatMap(knownIn);
  const releases = found.flatMap(({ known }) => known.releases ?? []);
  return {
    checks: checksOf(found),
    products: new Set([...found.flatMap(({ known }) => known.products ?? []), ...releases]),
    releases: new Set(releases),
    signsKeyless: found.some(({ known }) => known.signsKeyless === true),
  };
}

/** A check is enforced where any step enforces it. */
function checksOf(found: readonly Found[]): Map<Check, CheckMode> {
  const all = found.flatMap(({ known, isAdvisory }) =>
    (known.checks ?? []).map((check) => ({ check, isAdvisory })),
  );
  const enforced = new Set(all.filter(({ isAdvisory }) => !isAdvisory).map(({ check }) => check));
  return new Map(all.map(({ check }) => [check, enforced.has(check) ? "enforce" : "advisory"]));
}

interface Found {
  readonly known: Known;
  readonly isAdvisory: boolean;
}

function knownIn(step: StepText): Found[] {
  const ofAction = ACTIONS.filter(([pattern]) => pattern.test(step.action)).map(([, known]) => ({
    known: withInputs(known, step),
    isAdvisory: step.mayFail || isToldToPass(step),
  }));
  const ofCommands = commandsIn(step.command).flatMap((command) =>
    COMMANDS.filter(([pattern]) => pattern.test(command)).map(([, known]) => ({
      known: /\s--key[ =]/.test(command) ? { ...known, signsKeyless: false } : withFlags(known, command),
      isAdvisory: step.mayFail || /\|\| *(?:true|:|exit 0)|--mode[ =]advisory|--exit-code[ =]0/.test(command),
    })),
  );
  return [...ofAction, ...ofCommands];
}

/** Some actions push only when asked to. */
function withInputs(known: Known, step: StepText): Known {
  const isBuild = step.action === "docker/build-push-action" || step.action === "docker-build";
  const isAsked = (inputOf(step, "push") ?? "false") !== "false";
  const pushes = isAsked || /\bpush=true\b/.test(inputOf(step, "outputs") ?? "");
  if (isBuild && pushes) return { ...known, releases: ["image"] };
  return inputOf(step, "key") === undefined ? known : { ...known, signsKeyless: false };
}

/** An input as text, which is how actions read it; undefined where it is absent or not a scalar. */
function inputOf({ inputs }: StepText, name: string): string | undefined {
  const value = inputs[name];
  const isScalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isScalar ? String(value) : undefined;
}

function withFlags(known: Known, command: string): Known {
  const pushes = known.products?.includes("image") === true && /\s--push\b/.test(command);
  return pushes ? { ...known, releases: ["image"] } : known;
}

/** Scanners end well, whatever they find, unless their inputs say which findings fail. Sources: the actions' own inputs. */
function isToldToPass(step: StepText): boolean {
  const exitCode = inputOf(step, "exit-code");
  if (step.action === "aquasecurity/trivy-action") return (exitCode ?? "0") === "0";
  if (step.action === "anchore/scan-action") return inputOf(step, "fail-build") === "false";
  return inputOf(step, "mode") === "advisory" || exitCode === "0";
}

/** Single commands of a shell text, each at its beginning, comments and continued lines joined. */
function commandsIn(text: string): string[] {
  return text
    .slice(0, MAX_COMMAND_CHARACTERS)
    .replaceAll(/\\\r?\n\s*/g, " ")
    .split(/\r?\n|;|&&|(?<!\|)\|(?!\|)/)
    .map((each) =>
      each
        .trim()
        .replace(/^(?:if|then|do|else|while|!)\s+/, "")
        .replace(PREFIX, ""),
    )
    .filter((each) => each !== "" && !each.startsWith("#"));
}
