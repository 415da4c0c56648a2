import { describe, expect, it } from "vitest";

import { WORKLOADS, workloadPath, type WorkloadPath } from "./kinds.ts";
import { podImages } from "./pod-images.ts";

const POD = row("", "Pod");
const DEPLOYMENT = row("apps", "Deployment");
const ROLLOUT = row("argoproj.io", "Rollout");

function row(group: string, kind: string): WorkloadPath {
  return workloadPath({ group, kind }, [])!;
}

function at(path: readonly string[], value: unknown): unknown {
  return path.toReversed().reduce((inner, key) => ({ [key]: inner }), value);
}

function specOf(...images: readonly string[]): object {
  return { containers: images.map((image, index) => ({ name: `c${index}`, image })) };
}

function imagesOf(object: unknown, path: WorkloadPath): readonly string[] {
  return podImages(object, path).subjects.map(({ image }) => image);
}

describe("the pull secrets of a workload", () => {
  it.each([
    [16, 16],
    [17, 17],
    [200, 17],
  ])("%i: %i names, one more than are read where not all are", (count, handedOn) => {
    const imagePullSecrets = Array.from({ length: count }, (_, nth) => ({ name: `s${nth}` }));
    const { access } = podImages(at(POD.path, { ...specOf("app"), imagePullSecrets }), POD);
    expect(access.pullSecrets).toHaveLength(handedOn);
  });
});

describe("the images of a workload", () => {
  it.each(WORKLOADS)(
    "are found in a $group $kind, in every place that a pod spec has",
    ({ group, kind, path }) => {
      const spec = {
        initContainers: [{ name: "i", image: "init" }],
        containers: [{ name: "c", image: "main" }],
        ephemeralContainers: [{ name: "e", image: "debug" }],
        volumes: [
          { name: "v", image: { reference: "volume" } },
          { name: "tmp", emptyDir: {} },
        ],
      };
      const { subjects } = podImages(at(path, spec), row(group, kind));
      expect(subjects.map(({ image, place, name }) => [image, place, name])).toEqual([
        ["init", 'init container "i"', "i"],
        ["main", 'container "c"', "c"],
        ["debug", 'ephemeral container "e"', "e"],
        ["volume", 'image volume "v"', "v"],
      ]);
      expect(subjects.map((each) => each.path.slice(path.length).join("."))).toEqual([
        "initContainers.0.image",
        "containers.0.image",
        "ephemeralContainers.0.image",
        "volumes.0.image.reference",
      ]);
    },
  );

  it.each([
    ["absent", {}, "the Deployment has no pod spec at spec.template.spec"],
    ["null", at(DEPLOYMENT.path, null), "the Deployment has no pod spec at spec.template.spec"],
    ["a text", at(DEPLOYMENT.path, "x"), "the Deployment's pod spec cannot be read at spec.template.spec"],
    [
      "unreadable in part",
      at(DEPLOYMENT.path, { containers: [{ image: 1 }] }),
      "cannot be read at spec.template.spec.containers.0.image",
    ],
  ])("are not none where the pod spec is %s", (_, object, message) => {
    expect(() => podImages(object, DEPLOYMENT)).toThrow(message);
  });

  it("are bounded", () => {
    expect(() => podImages(at(POD.path, specOf(...Array<string>(1001).fill("a"))), POD)).toThrow(
      "names 1001 images",
    );
  });
});

function thing(...path: readonly string[]): WorkloadPath {
  return { group: "example.com", kind: "Thing", path };
}

describe("the images of a kind whose path is configured", () => {
  const THING = {
    metadata: { name: "a" },
    spec: { size: 3, template: { spec: specOf("evil") } },
  };

  it.each([["metadata"], ["spec"], ["spec", "template"]])(
    "are not none where the path leads to something without containers: %s",
    (...path) => {
      const message = `what the Thing has at ${path.join(".")} is not a pod spec: it has no list of containers`;
      expect(() => podImages(THING, thing(...path))).toThrow(message);
    },
  );

  it.each([
    ["null for its containers", { containers: null }],
    ["image volumes alone", { volumes: [{ name: "v", image: { reference: "evil" } }] }],
  ])("are not those of a pod spec with %s", (_, spec) => {
    expect(() => podImages({ spec }, thing("spec"))).toThrow("no list of containers");
  });

  it.each([
    ["containers", { containers: [{ image: "a" }] }, ["a"]],
    ["init containers", { initContainers: [{ image: "a" }] }, ["a"]],
    ["ephemeral containers", { ephemeralContainers: [{ image: "a" }] }, ["a"]],
    ["an empty list of containers", { containers: [] }, []],
  ])("are those of a pod spec with %s", (_, spec, images) => {
    expect(imagesOf({ spec }, thing("spec"))).toEqual(images);
  });

  it("of a built-in kind without containers are none: the API server refuses it, and its path is right", () => {
    expect(imagesOf(at(DEPLOYMENT.path, {}), DEPLOYMENT)).toEqual([]);
  });
});

describe("a Rollout that refers to another workload", () => {
  const reference = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };

  it.each([
    ["no template", { spec: { workloadRef: reference } }],
    ["a template that is null", { spec: { workloadRef: reference, template: null } }],
    ["a template without a pod spec", { spec: { workloadRef: reference, template: { metadata: {} } } }],
  ])("and has %s names no image, and says whose template it takes", (_, object) => {
    expect(podImages(object, ROLLOUT)).toEqual({
      subjects: [],
      access: {},
      notes: ['the Rollout takes the pod template of Deployment "web", where its images are checked'],
    });
  });

  it("and has a template of its own is judged by that", () => {
    const object = { spec: { workloadRef: reference, template: { spec: specOf("evil") } } };
    expect(imagesOf(object, ROLLOUT)).toEqual(["evil"]);
  });

  it.each([
    ["neither template nor reference", { spec: {} }, "the Rollout has no pod spec at spec.template.spec"],
    ["a reference that is null", { spec: { workloadRef: null } }, "has no pod spec"],
    [
      "a reference without a name",
      { spec: { workloadRef: { kind: "Deployment" } } },
      "cannot be read at spec.workloadRef.name",
    ],
    ["a reference that is a text", { spec: { workloadRef: "web" } }, "cannot be read at spec.workloadRef"],
  ])("but has %s is refused", (_, object, message) => {
    expect(() => podImages(object, ROLLOUT)).toThrow(message);
  });

  it("is the only kind that may: a Deployment with a workloadRef is refused", () => {
    expect(() => podImages({ spec: { workloadRef: reference } }, DEPLOYMENT)).toThrow("has no pod spec");
  });
});

describe("the placeholder auto", () => {
  it.each(WORKLOADS.filter(({ kind }) => kind !== "Pod"))(
    "passes with a sentence in a $group $kind",
    (template) => {
      const { subjects, notes } = podImages(at(template.path, specOf("auto", "nginx")), template);
      expect(subjects.map(({ image }) => image)).toEqual(["nginx"]);
      expect(notes).toEqual([
        `${template.kind}'s container "c0" names the placeholder "auto"; its image is checked in the pod`,
      ]);
    },
  );

  it("is an image like any other in a Pod, where no injector replaced it", () => {
    const { subjects, notes } = podImages(at(POD.path, specOf("auto")), POD);
    expect([subjects.map(({ image }) => image), notes]).toEqual([["auto"], []]);
    expect(subjects[0]!.advice).toContain('No injector replaced the placeholder "auto"');
  });

  it.each([
    "Auto",
    "auto:latest",
    "docker.io/library/auto",
    " auto",
    "istio/auto",
    "${IMAGE}",
    "{{ image }}",
  ])("is not %j, which is judged in a template, too", (image) => {
    expect(imagesOf(at(DEPLOYMENT.path, specOf(image)), DEPLOYMENT)).toEqual([image]);
  });
});

function annotatedPod(annotations: unknown, ...names: readonly string[]): unknown {
  return {
    metadata: { annotations },
    spec: { containers: names.map((name) => ({ name, image: "mesh/proxy:1" })) },
  };
}

function adviceOn(object: unknown): (string | undefined)[] {
  return podImages(object, POD).subjects.map(({ advice }) => advice);
}

describe("the advice on an injected container", () => {
  it.each([
    ["Istio", "sidecar.istio.io/status", "istio-proxy"],
    ["Linkerd", "linkerd.io/proxy-version", "linkerd-proxy"],
    ["Vault Agent", "vault.hashicorp.com/agent-inject-status", "vault-agent"],
  ])("of %s names the injector, by annotation and name", (injector, annotation, name) => {
    const advice = `${injector}'s injector added this container: set its image by digest where ${injector} is installed.`;
    expect(adviceOn(annotatedPod({ [annotation]: "{}" }, name, "web"))).toEqual([advice, undefined]);
    expect(adviceOn(annotatedPod({}, name))).toEqual([undefined]);
    expect(adviceOn(annotatedPod(null, name))).toEqual([undefined]);
  });

  it.each<[string, unknown]>([
    ["another injector's annotation", { "linkerd.io/proxy-version": "2" }],
    ["a list of annotations", ["sidecar.istio.io/status"]],
    ["a text of them", "sidecar.istio.io/status"],
    ["what every object has", {}],
  ])("is not given for %s", (_, annotations) => {
    expect(adviceOn(annotatedPod(annotations, "istio-proxy"))).toEqual([undefined]);
  });

  it("takes no image away from the check", () => {
    expect(imagesOf(annotatedPod({ "sidecar.istio.io/status": "{}" }, "istio-proxy"), POD)).toEqual([
      "mesh/proxy:1",
    ]);
  });
});
