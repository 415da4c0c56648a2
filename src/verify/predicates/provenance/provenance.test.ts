import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  buildKit,
  cloudBuildOf,
  COMMIT,
  PRODUCERS,
  type Run,
  tektonRun,
  tektonRunV02,
} from "../../../../test/support/provenances/index.ts";
import { PREDICATE_TYPES, type Provenance } from "../../../core/index.ts";
import { Rejected } from "../../rejected.ts";
import { readProvenance } from "./index.ts";

type Json = Record<string, unknown>;

const { provenanceV1: V1, provenanceV02: V02 } = PREDICATE_TYPES;
const APP = "https://github.com/acme/app";
const MALLORY = "https://github.com/mallory/app";
const MAIN = "refs/heads/main";

function repositories({ sources }: Provenance): string[] {
  return sources.map(({ repository }) => repository);
}

/** The same predicate with the list under any key of these shuffled. */
function shuffled(value: unknown, order: readonly number[]): unknown {
  if (Array.isArray(value)) {
    return value
      .map((each, at) => [order[at % order.length]!, shuffled(each, order)] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, each]) => each);
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shuffled(each, order)]));
}

describe.each(PRODUCERS)("provenance by $name", ({ predicateType, of, states: { ref, ...facts } }) => {
  const source = { repository: APP, ...(ref !== undefined && { ref }), commit: COMMIT };

  it("states its source, and when it was built", () => {
    expect(readProvenance(predicateType, of())).toEqual({
      builderId: expect.any(String),
      buildType: expect.any(String),
      startedAt: new Date("2026-11-24T10:00:00Z"),
      finishedAt: new Date("2026-11-24T10:05:00Z"),
      sources: [source],
      ...facts,
    });
  });

  it("states the source it was built from, and no other", () => {
    expect(repositories(readProvenance(predicateType, of({ repository: MALLORY })))).toEqual([MALLORY]);
  });

  it("states the same sources in whatever order its lists are", () => {
    const orders = fc.array(fc.integer(), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(orders, (order) => {
        const predicate = shuffled(of(), order) as Json;
        expect(readProvenance(predicateType, predicate).sources).toEqual([source]);
      }),
      { numRuns: 30 },
    );
  });

  it("states no source where its parameters and lists are missing", () => {
    const { buildDefinition, runDetails, buildType, builder } = of() as Record<string, Json>;
    const bare =
      predicateType === V1
        ? { buildDefinition: { buildType: buildDefinition!["buildType"] }, runDetails }
        : { buildType, builder };
    const read = readProvenance(predicateType, bare);
    expect(read.sources).toEqual([]);
    expect(read).not.toHaveProperty("workflow");
    expect(read).not.toHaveProperty("trigger");
  });

  it("states nothing of the source under a build type that is not known, whatever else it holds", () => {
    const predicate = renamed(of(), "https://ci.acme.test/build/v1");
    expect(readProvenance(predicateType, predicate)).toMatchObject({
      sources: [],
      unstated: expect.any(String),
    });
    expect(readProvenance(predicateType, predicate)).not.toHaveProperty("workflow");
    expect(readProvenance(predicateType, predicate)).not.toHaveProperty("trigger");
  });
});

function renamed(predicate: Json, buildType: string): Json {
  const { buildDefinition } = predicate;
  if (buildDefinition === undefined) return { ...predicate, buildType };
  return { ...predicate, buildDefinition: { ...buildDefinition, buildType } };
}

describe.each([
  ["v1", V1, tektonRun],
  ["v0.2", V02, tektonRunV02],
] as const)("Tekton Chains %s", (_, type, run) => {
  const read = (said: Run): Provenance => readProvenance(type, run(said));

  it.each<[string, Run, string[]]>([
    [
      "built from mallory/app by a pipeline of acme/app",
      { pipeline: APP, input: { repository: MALLORY } },
      [MALLORY],
    ],
    ["built from acme/app by a shared pipeline", { pipeline: "https://github.com/tektoncd/catalog" }, [APP]],
    ["with a task from a third repository", { task: "https://github.com/tektoncd/catalog" }, [APP]],
    ["whose input is not listed, but hinted at", { input: null, hint: APP }, [APP]],
    [
      "whose input is the pipeline's repository at its commit",
      { pipeline: APP, input: null, hint: APP },
      [APP],
    ],
    ["whose hint and input differ", { hint: MALLORY }, [MALLORY, APP]],
    [
      "whose input is a repository over SSH",
      { input: { repository: "git@github.com:mallory/app" } },
      ["git@github.com:mallory/app.git"],
    ],
  ])("a run %s", (_case, said, expected) => {
    expect(repositories(read(said))).toEqual(expected);
  });

  it("states no source where only definitions lie in repositories", () => {
    expect(read({ pipeline: APP, input: null })).toMatchObject({
      sources: [],
      unstated: "no input of the run names a source other than the definitions of the pipeline",
    });
  });
});

describe("Tekton Chains", () => {
  it("reads inputs that name an address and a digest, and passes over images", () => {
    const params = [
      { name: "app_ARTIFACT_INPUTS", value: { uri: MALLORY, digest: `sha1:${COMMIT}` } },
      {
        name: "base_ARTIFACT_INPUTS",
        value: { uri: "gcr.io/acme/base", digest: `sha256:${"1".repeat(64)}` },
      },
      { name: "ARTIFACT_INPUTS_OTHER", value: { uri: "https://github.com/other/app" } },
    ];
    const predicate = tektonRun({ input: null });
    const { buildDefinition } = predicate as { buildDefinition: Json };
    const said = { ...buildDefinition, externalParameters: { runSpec: { params } } };
    expect(repositories(readProvenance(V1, { ...predicate, buildDefinition: said }))).toEqual([MALLORY]);
  });

  it("passes over results that hint at nothing, and hints without a value", () => {
    const predicate = tektonRun({ input: null }) as { runDetails: Json };
    const empty = Buffer.from('""').toString("base64");
    const byProducts = [
      { name: "taskRunResults/IMAGE_URL", content: "!" },
      { name: 7, content: "x" },
      { name: "taskRunResults/CHAINS-GIT_URL", content: empty },
      {},
    ];
    const read = readProvenance(V1, { ...predicate, runDetails: { ...predicate.runDetails, byProducts } });
    expect(read.sources).toEqual([]);
  });

  it("reads a parameter that older versions write with its quotes", () => {
    const predicate = tektonRunV02({ input: null });
    const invocation = { configSource: {}, parameters: { "CHAINS-GIT_URL": `"${MALLORY}"` } };
    expect(repositories(readProvenance(V02, { ...predicate, invocation }))).toContain(MALLORY);
  });

  it.each(["git+git@github.com:mallory/app.git", "mallory@git.test:app.git", "gs://mallory/source.tar.gz"])(
    "keeps an input at %s as it is written",
    (uri) => {
      const predicate = tektonRun({ input: null }) as { buildDefinition: Json };
      const resolvedDependencies = [{ uri, digest: { sha1: COMMIT }, name: "inputs/result" }];
      const buildDefinition = { ...predicate.buildDefinition, resolvedDependencies };
      expect(repositories(readProvenance(V1, { ...predicate, buildDefinition }))).toEqual([
        uri.replace("git+", ""),
      ]);
    },
  );

  it("is unreadable where a hint is too long to be read", () => {
    expect(() => readProvenance(V1, tektonRun({ hint: "x".repeat(70_000) }))).toThrow(Rejected);
    expect(() => readProvenance(V1, tektonRun({ hint: "x".repeat(2_000) }))).toThrow(Rejected);
  });
});

describe("slsa-github-generator", () => {
  it("states the event under either name", () => {
    const { of } = PRODUCERS.find(({ name }) => name === "slsa-github-generator, container")!;
    const invocation = { configSource: {}, environment: { GITHUB_EVENT_NAME: "release" } };
    expect(readProvenance(V02, { ...of(), invocation }).trigger).toBe("release");
  });
});

describe("Google Cloud Build", () => {
  const config = { path: "cloudbuild.yaml", ref: MAIN, repository: "git+https://github.com/acme/pipelines" };
  const definition = {
    uri: "git+https://github.com/acme/pipelines@refs/heads/main",
    digest: { gitCommit: "a".repeat(40) },
  };

  it("takes the source that was built, and not the repository of the definition", () => {
    const parameters = {
      buildConfigSource: config,
      sourceToBuild: { repository: `git+${MALLORY}`, ref: MAIN },
    };
    const dependencies = [definition, { uri: `git+${MALLORY}@${MAIN}`, digest: { gitCommit: COMMIT } }];
    expect(readProvenance(V1, cloudBuildOf({ parameters, dependencies })).sources).toEqual([
      { repository: MALLORY, ref: MAIN, commit: COMMIT },
    ]);
    expect(readProvenance(V1, cloudBuildOf({ parameters, dependencies }))).not.toHaveProperty("workflow");
  });

  it.each([
    ["a repository", `git+${APP}.git@${COMMIT}`, APP],
    ["an archive", "gs://acme_cloudbuild/source/1.tgz#17", "gs://acme_cloudbuild/source/1.tgz#17"],
  ])("takes what was submitted by hand from %s", (_, uri, expected) => {
    const dependencies = [{ uri, digest: { gitCommit: COMMIT } }];
    expect(repositories(readProvenance(V1, cloudBuildOf({ parameters: {}, dependencies })))).toEqual([
      expected,
    ]);
  });

  it("states every source where a dependency is another repository", () => {
    const dependencies = [definition, { uri: `git+${MALLORY}`, digest: { gitCommit: COMMIT } }];
    const parameters = { buildConfigSource: { ...config, repository: `git+${APP}` } };
    expect(repositories(readProvenance(V1, cloudBuildOf({ parameters, dependencies })))).toEqual([
      APP,
      "https://github.com/acme/pipelines",
      MALLORY,
    ]);
  });
});

describe("BuildKit", () => {
  it.each<[string, Json]>([
    ["a Dockerfile from the client's disk", { locals: [{ name: "dockerfile" }] }],
    ["files that cannot be read", { locals: "context" }],
    ["another context from the client's disk", { args: { "context:src": "local:src" } }],
  ])("states no source of a build with %s", (_, request) => {
    const read = readProvenance(V1, buildKit({}, request));
    expect(read).toMatchObject({ sources: [], unstated: expect.any(String) });
  });

  it("states the repository of another context as well, and passes over images", () => {
    const args = { "context:src": `${MALLORY}.git#v1`, "context:alpine": "docker-image://alpine:3.22" };
    expect(repositories(readProvenance(V1, buildKit({}, { args })))).toEqual([APP, MALLORY]);
  });

  it.each<[string, Json, string]>([
    ["from the client's disk", { path: "Dockerfile" }, "it was built from local files"],
    [
      "from an address that was never fetched",
      { uri: `${APP}.git`, path: "Dockerfile" },
      "its context has no digest",
    ],
  ])("states no source of a build %s", (_, configSource, unstated) => {
    const { buildDefinition, ...rest } = buildKit() as { buildDefinition: { externalParameters: Json } };
    const externalParameters = { ...buildDefinition.externalParameters, configSource };
    const predicate = { ...rest, buildDefinition: { ...buildDefinition, externalParameters } };
    expect(readProvenance(V1, predicate)).toMatchObject({ sources: [], unstated });
  });
});

describe("GitHub Actions", () => {
  const { of } = PRODUCERS.find(({ name }) => name === "GitHub Actions")!;

  it("states every ref and commit of the workflow's repository", () => {
    const { buildDefinition, ...rest } = of() as { buildDefinition: { resolvedDependencies: Json[] } };
    const other = { uri: `git+${APP}@refs/heads/dev`, digest: { gitCommit: "d".repeat(40) } };
    const resolvedDependencies = [other, ...buildDefinition.resolvedDependencies];
    expect(
      readProvenance(V1, { ...rest, buildDefinition: { ...buildDefinition, resolvedDependencies } }).sources,
    ).toEqual([
      { repository: APP, ref: MAIN, commit: COMMIT },
      { repository: APP, ref: "refs/heads/dev", commit: "d".repeat(40) },
    ]);
  });

  it("states the workflow's repository where no dependency resolves it", () => {
    const { buildDefinition, ...rest } = of() as { buildDefinition: Json };
    const predicate = { ...rest, buildDefinition: { ...buildDefinition, resolvedDependencies: [] } };
    expect(readProvenance(V1, predicate).sources).toEqual([{ repository: APP, ref: MAIN }]);
  });

  it("states no source without a workflow", () => {
    const { buildDefinition, ...rest } = of() as { buildDefinition: Json };
    const predicate = { ...rest, buildDefinition: { ...buildDefinition, externalParameters: {} } };
    expect(readProvenance(V1, predicate)).toMatchObject({ sources: [], unstated: expect.any(String) });
  });
});

describe("addresses of sources", () => {
  it.each<[string, string, string | undefined]>([
    [APP, APP, undefined],
    [`git+${APP}.git@refs/tags/v1`, APP, "refs/tags/v1"],
    [`git+${APP}/@${COMMIT}`, APP, undefined],
    [`git+${APP}@main`, APP, undefined],
    [`git+https://token@github.com/acme/app`, "https://token@github.com/acme/app", undefined],
    [`git+https://github.com/acme/app?x=1`, "https://github.com/acme/app?x=1", undefined],
    [`git+http://github.com/acme/app`, "http://github.com/acme/app", undefined],
    [`ssh://git@github.com/acme/app.git`, "ssh://git@github.com/acme/app.git", undefined],
  ])("%s is %s at %s", (uri, repository, ref) => {
    const { of } = PRODUCERS.find(({ name }) => name === "GitLab")!;
    const { buildDefinition, ...rest } = of() as { buildDefinition: Json };
    const said = { ...buildDefinition, externalParameters: { source: uri }, resolvedDependencies: [] };
    expect(readProvenance(V1, { ...rest, buildDefinition: said }).sources).toEqual([
      { repository, ...(ref !== undefined && { ref }) },
    ]);
  });

  it.each<[string, unknown]>([
    ["a source whose address is no text", [{ uri: 7, name: "inputs/result" }]],
    ["a source whose address is too long", [{ uri: `https://x.test/${"a".repeat(1024)}` }]],
    ["dependencies that are no list", {}],
    ["a dependency that is null", [null]],
    ["more than 64 sources", Array.from({ length: 65 }, (_, at) => ({ uri: `git+https://x.test/${at}` }))],
  ])("%s makes the provenance unreadable", (_, resolvedDependencies) => {
    const predicate = tektonRun() as { buildDefinition: Json };
    const buildDefinition = { ...predicate.buildDefinition, resolvedDependencies };
    expect(() => readProvenance(V1, { ...predicate, buildDefinition })).toThrow(Rejected);
  });

  it("provenance that names no builder is unreadable", () => {
    expect(() => readProvenance(V1, buildKit({}, {}) && { buildDefinition: {} })).toThrow("builder");
  });
});
