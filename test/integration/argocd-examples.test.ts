import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";

import { buildProgram } from "../../src/cli/program.ts";
import { ArgoCdSettings } from "../../src/cli/serve/argocd-settings.ts";
import { isPinned, parseImageRef } from "../../src/core/index.ts";
import { HOOK_EXIT } from "../../src/presync/index.ts";
import { podImages, workloadPath } from "../../src/workloads/index.ts";

const FOLDER = "deploy/argocd";
const FILES = globSync(`${FOLDER}/**/*.yaml`).toSorted();

const Metadata = z.object({ name: z.string(), annotations: z.record(z.string(), z.string()) });
const PodSpec = z.object({
  automountServiceAccountToken: z.literal(false),
  restartPolicy: z.literal("Never"),
  containers: z.array(
    z.object({
      name: z.string(),
      image: z.string(),
      args: z.array(z.string()),
      volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
    }),
  ),
  volumes: z.array(
    z.object({
      name: z.string(),
      projected: z.object({
        sources: z.array(
          z.object({ serviceAccountToken: z.object({ audience: z.string(), path: z.string() }) }),
        ),
      }),
    }),
  ),
});
const Job = z.object({
  metadata: Metadata,
  spec: z.object({
    activeDeadlineSeconds: z.int().positive(),
    podFailurePolicy: z.object({
      rules: z.array(z.object({ action: z.string(), onExitCodes: z.object({ values: z.array(z.int()) }) })),
    }),
    template: z.object({ spec: PodSpec }),
  }),
});
const Pod = z.object({
  metadata: Metadata,
  spec: PodSpec.extend({ activeDeadlineSeconds: z.int().positive() }),
});

function read(path: string): unknown {
  return parse(readFileSync(join(FOLDER, path), "utf8"));
}

const JOB = Job.parse(read("hook/presync.yaml"));
const POD = Pod.parse(read("hook-pod/presync.yaml"));

describe("the examples for Argo CD", () => {
  it.each(FILES)("%s is YAML", (path) => {
    const documents = parseAllDocuments(readFileSync(path, "utf8"));
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    expect(documents.length).toBeGreaterThan(0);
  });

  it("name only files and folders that are there", () => {
    const lists = FILES.filter((path) => path.endsWith("kustomization.yaml"));
    expect(lists.length).toBe(3);
    for (const path of lists) {
      const { resources } = z
        .object({ resources: z.array(z.string()) })
        .parse(parse(readFileSync(path, "utf8")));
      expect(resources.filter((each) => !existsSync(join(dirname(path), each)))).toEqual([]);
    }
  });
});

describe.each([
  ["Job", JOB.metadata, JOB.spec.template.spec],
  ["Pod", POD.metadata, POD.spec],
] as const)("the hook as a %s", (_, metadata, spec) => {
  const [container] = spec.containers;

  it("runs first, under a fixed name, anew at each attempt", () => {
    expect(metadata.annotations).toMatchObject({
      "argocd.argoproj.io/hook": "PreSync",
      "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
      "argocd.argoproj.io/sync-wave": "-100",
    });
  });

  it("brings the token that the gate asks for, where the command looks for it", () => {
    const { serviceAccountToken } = spec.volumes[0]!.projected.sources[0]!;
    expect(serviceAccountToken.audience).toBe(ArgoCdSettings.parse({}).audience);
    const command = buildProgram("0", () => Promise.resolve()).commands.find(
      (each) => each.name() === "presync",
    )!;
    const usual = command.options.find(({ long }) => long === "--token-file")!.defaultValue as string;
    expect(`${container!.volumeMounts[0]!.mountPath}/${serviceAccountToken.path}`).toBe(usual);
  });

  it("calls the command with options that it has", () => {
    const command = buildProgram("0", () => Promise.resolve()).commands.find(
      (each) => each.name() === "presync",
    )!;
    const options = container!.args.filter((each) => each.startsWith("--"));
    expect(options.filter((each) => !command.options.some(({ long }) => long === each))).toEqual([]);
  });

  it("names its image by digest", () => {
    const parsed = parseImageRef(container!.image);
    expect(parsed.ok && isPinned(parsed.ref)).toBe(true);
  });
});

it("a Job is tried again after an outage, and never after an answer", () => {
  const final = JOB.spec.podFailurePolicy.rules.flatMap(({ onExitCodes }) => onExitCodes.values);
  expect(final).toEqual([HOOK_EXIT.refused, HOOK_EXIT.setup]);
});

describe("the examples for rollouts", () => {
  const Template = z.object({
    spec: z.object({
      metrics: z.array(
        z.object({
          successCondition: z.string(),
          failureCondition: z.string(),
          provider: z.object({ web: z.object({ url: z.string(), jsonPath: z.string() }) }),
        }),
      ),
    }),
  });

  it("read what /v1/verdict answers", () => {
    const [metric] = Template.parse(read("rollouts/analysis-web.yaml")).spec.metrics;
    expect(metric).toMatchObject({
      successCondition: 'result == "allowed"',
      failureCondition: 'result == "refused"',
      provider: { web: { url: "https://mc-gate.mc-gate.svc/v1/verdict", jsonPath: "{$.verdict}" } },
    });
  });

  it("hold a Rollout that admission can read", () => {
    const row = workloadPath({ group: "argoproj.io", kind: "Rollout" }, [])!;
    expect(podImages(read("rollouts/rollout.yaml"), row).subjects).toHaveLength(1);
  });
});
