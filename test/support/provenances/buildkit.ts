import { APP, COMMIT, type From, IMAGES, type Json, MAIN, v02, v1 } from "./slsa.ts";

/** BuildKit, SLSA v1, with more in its request. */
export function buildKit(
  { repository = APP, ref = MAIN, commit = COMMIT }: From = {},
  request: Json = {},
): Json {
  const uri = `${repository}.git#${ref}`;
  return v1(
    "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
    {
      externalParameters: {
        configSource: { uri, digest: { sha1: commit }, path: "Dockerfile" },
        request: { frontend: "dockerfile.v0", args: { "build-arg:VERSION": "1" }, locals: [], ...request },
      },
      resolvedDependencies: [IMAGES.buildKit, { uri, digest: { sha1: commit } }],
    },
    "https://github.com/acme/app/actions/runs/7/attempts/1",
  );
}

/** BuildKit, SLSA v0.2. */
export function buildKitV02({ repository = APP, ref = MAIN, commit = COMMIT }: From = {}): Json {
  const uri = `${repository}.git#${ref}`;
  return v02("https://mobyproject.org/buildkit@v1", "https://github.com/acme/app/actions/runs/7/attempts/1", {
    invocation: {
      configSource: { uri, digest: { sha1: commit }, entryPoint: "Dockerfile" },
      parameters: { frontend: "dockerfile.v0", args: {}, locals: null },
      environment: { platform: "linux/amd64" },
    },
    materials: [IMAGES.buildKit, { uri, digest: { sha1: commit } }],
  });
}
