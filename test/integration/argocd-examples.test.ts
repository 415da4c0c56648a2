import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";

import { HOOK_EXIT } from "../../src/argocd/index.ts";
import { readQuestion } from "../../src/argocd/rollout/verdict-question.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { isPinned, parseImageRef } from "../../src/core/index.ts";
import { ArgoCdSettings } from "../../src/serve/settings/argocd-settings.ts";
import { podImages, workloadPath } from "../../src/workloads/index.ts";

const FOLDER = "deploy/argocd";
/** What holds braces is a template of a chart, which the end-to-end tests render. */
const FILES = globSync(`${FOLDER}/**/*.yaml`, { exclude: [`${FOLDER}/hook/templates`] }).toSorted();

const Texts = z.record(z.string(), z.string());
const Metadata = z.object({ name: z.literal("mc-presync"), annotations: Texts });
const PodMetadata = z.object({ labels: Texts, annotations: Texts });
const PodSpec = z.object({
  automountServiceAccountToken: z.literal(false),
  restartPolicy: z.literal("Never"),
  containers: z.array(
    z.object({
      name: z.string(),
      image: z.string(),
      args: z.array(z.string()),
      resources: z.object({
        requests: z.object({ cpu: z.string(), memory: z.string() }),
        limits: z.object({ cpu: z.string(), memory: z.string() }),
      }),
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
    backoffLimit: z.int(),
    podFailurePolicy: z.object({
      rules: z.array(z.object({ action: z.string(), onExitCodes: z.object({ values: z.array(z.int()) }) })),
    }),
    template: z.object({ metadata: PodMetadata, spec: PodSpec }),
  }),
});
const Pod = z.object({
  metadata: Metadata.extend({ labels: Texts }),
  spec: PodSpec.extend({ activeDeadlineSeconds: z.int().positive() }),
});

function read(path: string): unknown {
  return parse(readFileSync(join(FOLDER, path), "utf8"));
}

const JOB = Job.parse(read("component/presync.yaml"));
const POD = Pod.parse(read("component-pod/presync.yaml"));

describe("the examples for Argo CD", () => {
  it.each(FILES)("%s is YAML", (path) => {
    const documents = parseAllDocuments(readFileSync(path, "utf8"));
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    expect(documents.length).toBeGreaterThan(0);
  });

  it("name only files and folders that are there", () => {
    const lists = FILES.filter((path) => path.endsWith("kustomization.yaml"));
    expect(lists.length).toBe(2);
    for (const path of lists) {
      const { resources } = z
        .object({ resources: z.array(z.string()) })
        .parse(parse(readFileSync(path, "utf8")));
      expect(resources.filter((each) => !existsSync(join(dirname(path), each)))).toEqual([]);
    }
  });
});

describe.each([
  ["Job", JOB.metadata, JOB.spec.template.metadata, JOB.spec.template.spec],
  ["Pod", POD.metadata, POD.metadata, POD.spec],
] as const)("the hook as a %s", (_, metadata, pod, spec) => {
  const [container] = spec.containers;

  it("runs before other hooks, and is replaced at each attempt", () => {
    expect(metadata.annotations).toMatchObject({
      "argocd.argoproj.io/hook": "PreSync",
      "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
      "argocd.argoproj.io/sync-wave": String(-(2 ** 31)),
    });
  });

  it("opts out of sidecars, with which it would not end", () => {
    expect(pod.labels).toMatchObject({
      "sidecar.istio.io/inject": "false",
      "kuma.io/sidecar-injection": "disabled",
    });
    expect(pod.annotations).toMatchObject({
      "sidecar.istio.io/inject": "false",
      "linkerd.io/inject": "disabled",
      "consul.hashicorp.com/connect-inject": "false",
    });
  });

  it("needs no other object, so that no other hook can take it away", () => {
    expect(spec.volumes.map(({ name }) => name)).toEqual(["token"]);
    expect(JSON.stringify(spec)).not.toContain("KeyRef");
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

it("a Job that is tried twice ends before its deadline, and a Pod as well", () => {
  const { backoffLimit, activeDeadlineSeconds } = JOB.spec;
  const perTry = Number(JOB.spec.template.spec.containers[0]!.args.at(-1));
  expect((backoffLimit + 1) * perTry).toBeLessThan(activeDeadlineSeconds);
  expect(perTry).toBeLessThan(POD.spec.activeDeadlineSeconds);
});

it("the network policy lets out the pods of the hook, and reaches the port of the gate", () => {
  const policy = z
    .object({
      spec: z.object({
        podSelector: z.object({ matchLabels: Texts }),
        egress: z.array(z.object({ ports: z.array(z.object({ protocol: z.string(), port: z.int() })) })),
      }),
    })
    .parse(read("network-policy.yaml"));
  const labels = [JOB.spec.template.metadata.labels, POD.metadata.labels];
  for (const each of labels) expect(each).toMatchObject(policy.spec.podSelector.matchLabels);
  const values = parse(readFileSync("charts/mc-gate/values.yaml", "utf8"));
  const { port } = z.object({ server: z.object({ port: z.int() }) }).parse(values).server;
  expect(policy.spec.egress[0]!.ports).toEqual([{ protocol: "TCP", port }]);
});

describe("the examples for progressive delivery", () => {
  const Web = z.object({
    url: z.string(),
    jsonPath: z.string(),
    jsonBody: z.record(z.string(), z.unknown()),
  });
  const Template = z.object({
    spec: z.object({
      args: z.array(z.object({ name: z.string(), value: z.string().optional() })),
      metrics: z.array(z.looseObject({ provider: z.object({ web: Web }) })),
    }),
  });
  const URL = "https://mc-gate.mc-gate.svc/v1/verdict";

  it("of Argo Rollouts read what /v1/verdict answers, and wait where it does not answer", () => {
    const [metric] = Template.parse(read("rollouts/analysis-web.yaml")).spec.metrics;
    expect(metric).toMatchObject({
      successCondition: 'result == "allowed"',
      failureCondition: 'result == "refused"',
      inconclusiveLimit: 0,
      consecutiveErrorLimit: 2 ** 31 - 1,
      provider: { web: { url: `${URL}?style=json`, jsonPath: "{$.verdict}" } },
    });
  });

  it("of Argo Rollouts give each argument that the body takes, and the body asks what the gate reads", () => {
    const { args, metrics } = Template.parse(read("rollouts/analysis-web.yaml")).spec;
    const body = JSON.stringify(metrics[0]!.provider.web.jsonBody);
    const named = [...body.matchAll(/\{\{ args\.([a-z-]+) \}\}/g)].map(([, name]) => name);
    expect(named).toEqual(args.map(({ name }) => name).filter((name) => name !== "token"));
    const filled = body.replaceAll(/\{\{ args\.([a-z-]+) \}\}/g, (_, name: string) => {
      return args.find((each) => each.name === name)?.value ?? "shop";
    });
    expect(readQuestion({}, Buffer.from(filled))).toEqual({
      namespace: "shop",
      images: ["shop"],
      serviceAccount: "default",
      pullSecrets: [],
    });
  });

  it("hold a Rollout that admission can read", () => {
    const row = workloadPath({ group: "argoproj.io", kind: "Rollout" }, [])!;
    expect(podImages(read("rollouts/rollout.yaml"), row).subjects).toHaveLength(1);
  });

  it("of Kargo ask for JSON, and take neither a pending answer nor a missing one for success", () => {
    const Step = z.object({ uses: z.string(), config: z.looseObject({}) });
    const Stage = z.object({
      spec: z.object({ promotionTemplate: z.object({ spec: z.object({ steps: z.array(Step) }) }) }),
    });
    const { steps } = Stage.parse(read("rollouts/kargo-stage.yaml")).spec.promotionTemplate.spec;
    expect(steps.map(({ uses }) => uses)).toEqual(["http", "argocd-update"]);
    expect(steps[0]!.config).toMatchObject({
      url: URL,
      queryParams: expect.arrayContaining([{ name: "style", value: "json" }]),
      successExpression: 'response.status == 200 && response.body.verdict == "allowed"',
      failureExpression: 'response.status in [400, 401, 403] || response.body.verdict == "refused"',
    });
  });

  /** A retry comes after 5 ms, and after twice as long each time, at most 1,000 s. Source: client-go, DefaultTypedControllerRateLimiter. */
  it("of Kargo reach no step's number of errors before its timeout", () => {
    const Retry = z.object({ timeout: z.literal("1h"), errorThreshold: z.int() });
    const Stage = z.object({
      spec: z.object({
        promotionTemplate: z.object({ spec: z.object({ steps: z.array(z.object({ retry: Retry })) }) }),
      }),
    });
    const { steps } = Stage.parse(read("rollouts/kargo-stage.yaml")).spec.promotionTemplate.spec;
    const lasting = steps.map(({ retry }) =>
      Array.from({ length: retry.errorThreshold - 1 }, (_, at) => Math.min(0.005 * 2 ** at, 1000)),
    );
    expect(lasting.map((delays) => delays.reduce((sum, each) => sum + each, 0) > 3600)).toEqual([true, true]);
  });

  it("of Flagger ask the forwarder, which the program has, by a name and port of its own", () => {
    const objects = parseAllDocuments(
      readFileSync(join(FOLDER, "rollouts/flagger-forwarder.yaml"), "utf8"),
    ).map((each) => each.toJS() as { readonly kind: string; readonly spec: unknown });
    const specOf = (kind: string): unknown => objects.find((each) => each.kind === kind)?.spec;
    const Forwarder = z.object({
      template: z.object({ metadata: z.object({ labels: Texts }), spec: z.unknown() }),
    });
    const { metadata, spec } = Forwarder.parse(specOf("Deployment")).template;
    const Container = z.object({
      args: z.array(z.string()),
      ports: z.array(z.object({ containerPort: z.int() })),
    });
    const [container] = z.object({ containers: z.array(Container) }).parse(spec).containers;
    const [name, ...args] = container!.args;
    const command = buildProgram("0", () => Promise.resolve()).commands.find((each) => each.name() === name)!;
    const options = args.filter((each) => each.startsWith("--"));
    expect(options.filter((each) => !command.options.some(({ long }) => long === each))).toEqual([]);
    expect(args.at(-1)).toBe(String(container!.ports[0]!.containerPort));
    for (const selector of [specOf("Service"), specOf("NetworkPolicy")])
      expect(JSON.stringify(selector)).toContain(JSON.stringify(metadata.labels));
    expect(readFileSync(join(FOLDER, "rollouts/flagger-canary.yaml"), "utf8")).toContain(
      "http://mc-gate-forwarder.shop/v1/verdict",
    );
  });

  it("bring a token that does not expire, where the analysis looks for it", () => {
    const [account, secret] = parseAllDocuments(
      readFileSync(join(FOLDER, "rollouts/token.yaml"), "utf8"),
    ).map(
      (each) => each.toJS() as { readonly metadata: { readonly name: string; readonly annotations: object } },
    );
    expect(secret).toMatchObject({ type: "kubernetes.io/service-account-token" });
    expect(secret!.metadata.annotations).toEqual({
      "kubernetes.io/service-account.name": account!.metadata.name,
    });
    expect(readFileSync(join(FOLDER, "rollouts/analysis-web.yaml"), "utf8")).toContain(
      `secretKeyRef: { name: ${secret!.metadata.name}, key: token }`,
    );
  });
});
