import { describe, expect, it } from "vitest";

import { type Digest, digestOf, type Mode, type Subject, type Verdict } from "../../core/index.ts";
import type { GateRequest, JointGate } from "../../gate/index.ts";
import { WORKLOADS } from "../../workloads/index.ts";
import { judgeSync } from "../judge-sync.ts";
import { reportOn } from "../report.ts";
import { judgeTarget } from "./judge-target.ts";
import { readTarget } from "./read-target.ts";
import { targetImages } from "./target-images.ts";
import { targetModes } from "./target-modes.ts";
import { targetObjects } from "./target-objects.ts";
import { targetOf } from "./target.ts";

const NOW = new Date("2026-11-24T09:00:00Z");
const HOUR = 3_600_000;
const APP = `registry.example/team/app@${digestOf("app")}`;
const MIGRATE = `registry.example/team/migrate@${digestOf("migrate")}`;
const OWN = `registry.example/platform/mc@${digestOf("mc")}`;

interface Rest {
  readonly namespace?: string;
  readonly annotations?: object;
}

function podSpec(...images: readonly string[]): object {
  return { containers: images.map((image, at) => ({ name: `c${at}`, image })) };
}

function workload(group: string, kind: string, path: readonly string[], rest: Rest = {}): string {
  const inner = path.toReversed().reduce<object>((value, key) => ({ [key]: value }), podSpec(APP));
  const apiVersion = group === "" ? "v1" : `${group}/v1`;
  return JSON.stringify({ apiVersion, kind, metadata: { name: "web", ...rest }, ...inner });
}

const DEPLOYMENT = ["spec", "template", "spec"];

function hook(image: string): string {
  const annotations = { "argocd.argoproj.io/hook": "PreSync" };
  const spec = { template: { spec: podSpec(image) } };
  return JSON.stringify({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "hook", annotations },
    spec,
  });
}

function groupsOf(manifests: readonly string[], ownDigests: readonly Digest[] = []) {
  return targetImages(targetObjects(manifests), { namespace: "shop", workloads: [], ownDigests }).groups;
}

function imagesOf(manifests: readonly string[], ownDigests: readonly Digest[] = []): string[] {
  return groupsOf(manifests, ownDigests).flatMap(({ subjects }) => subjects.map(({ image }) => image));
}

describe("the images of a target", () => {
  it.each(WORKLOADS)("are found in a $group $kind", ({ group, kind, path }) => {
    expect(imagesOf([workload(group, kind, path)])).toEqual([APP]);
  });

  it("are found in Lists and in every hook, only the gate's own image left out, and that by digest", () => {
    const list = JSON.stringify({
      apiVersion: "v1",
      kind: "List",
      items: [JSON.parse(workload("apps", "Deployment", DEPLOYMENT))],
    });
    const tagged = "registry.example/platform/mc:1.0";
    expect(imagesOf([list, hook(MIGRATE), hook(OWN), hook(tagged)], [digestOf("mc")]).toSorted()).toEqual(
      [APP, MIGRATE, tagged].toSorted(),
    );
    expect(imagesOf([hook(OWN)])).toEqual([OWN]);
  });

  it("are found in lists of lists, and in items of whatever kind", () => {
    const items = [JSON.parse(workload("apps", "Deployment", DEPLOYMENT))];
    const inner = { apiVersion: "v1", kind: "DeploymentList", items };
    const nested = {
      apiVersion: "v1",
      kind: "List",
      items: [{ apiVersion: "v1", kind: "List", items: [inner] }],
    };
    expect(imagesOf([JSON.stringify(nested)])).toEqual([APP]);
    expect(imagesOf([JSON.stringify({ apiVersion: "v1", kind: "Bundle", items })])).toEqual([APP]);
    const both = { ...JSON.parse(hook(MIGRATE)), items };
    expect(imagesOf([JSON.stringify(both)])).toEqual([MIGRATE, APP]);
  });

  it("are judged in the object's own namespace, else in the destination's, with the pod's credentials", () => {
    const groups = groupsOf([
      workload("apps", "Deployment", DEPLOYMENT),
      workload("apps", "Deployment", DEPLOYMENT, { namespace: "other" }),
    ]);
    expect(groups.map(({ namespace, access }) => [namespace, access])).toEqual([
      ["shop", { namespace: "shop", serviceAccount: "default" }],
      ["other", { namespace: "other", serviceAccount: "default" }],
    ]);
    expect(groups[0]!.subjects[0]!.place).toBe('Deployment "web", container "c0"');
  });

  it.each([
    ["no JSON", ["{"]],
    ["no object", ["[1]"]],
    ["no kind", [JSON.stringify({ apiVersion: "v1" })]],
    [
      "a pod spec that cannot be read",
      [JSON.stringify({ apiVersion: "v1", kind: "Pod", spec: { containers: 1 } })],
    ],
  ])("are not guessed: %s", (_, manifests) => {
    expect(() => imagesOf(manifests)).toThrow(/./);
  });

  it("are bounded in bytes, objects and number", () => {
    expect(() => targetObjects([" ".repeat(33 * 1024 * 1024)])).toThrow("larger than");
    const items = Array.from({ length: 20_001 }, () => ({ apiVersion: "v1", kind: "Secret" }));
    expect(() => targetObjects([JSON.stringify({ apiVersion: "v1", kind: "List", items })])).toThrow(
      "objects",
    );
    const many = JSON.stringify({ apiVersion: "v1", kind: "Pod", spec: podSpec(...Array(900).fill(APP)) });
    expect(() => imagesOf(Array(6).fill(many))).toThrow("5400 images");
  });
});

function namespaceIn(mode: string): string {
  const metadata = { name: "shop", labels: { "mc-gate.dev/mode": mode } };
  return JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata });
}

function rollout(name: string): string {
  const spec = { workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name } };
  return JSON.stringify({ apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", metadata: { name }, spec });
}

function objectOf(apiVersion: string, kind: string): string {
  return JSON.stringify({ apiVersion, kind, metadata: { name: "x" } });
}

function notesOf(...manifests: readonly string[]): readonly string[] {
  return targetImages(targetObjects(manifests), { namespace: "shop", workloads: [], ownDigests: [] }).notes;
}

describe("what is not looked at in a target", () => {
  const template = { spec: { containers: [{ name: "istio-proxy", image: "auto" }] } };
  const gateway = JSON.stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "gw" },
    spec: { template },
  });

  it("is noted: another workload's template, a placeholder, kinds without a known pod spec", () => {
    const things = [objectOf("example.com/v1", "Thing"), objectOf("example.com/v1", "Thing")];
    expect(notesOf(rollout("web"), gateway, objectOf("v1", "ConfigMap"), ...things)).toEqual([
      'Rollout "web": the Rollout takes the pod template of Deployment "web", where its images are checked',
      `Deployment "gw": Deployment's container "istio-proxy" names the placeholder "auto"; its image is checked in the pod`,
      "not checked: Thing.example.com",
    ]);
    expect(notesOf(workload("apps", "Deployment", DEPLOYMENT))).toEqual([]);
  });

  it("keeps the namespace of a placeholder among those that the target changes", () => {
    expect(groupsOf([gateway]).map(({ namespace, subjects }) => [namespace, subjects])).toEqual([
      ["shop", []],
    ]);
  });

  it("is bounded, and says by how much", () => {
    const rollouts = Array.from({ length: 30 }, (_, at) => rollout(`r-${at}`));
    expect(notesOf(...rollouts).slice(19)).toEqual([expect.stringContaining("r-19"), "and 10 more notes"]);
    const kinds = Array.from({ length: 30 }, (_, at) => objectOf("example.com/v1", `Kind${at}`));
    expect(notesOf(...kinds)[0]).toMatch(/Kind19\.example\.com, and 10 more kinds$/);
  });

  it("stands in the reason for which a sync is allowed", async () => {
    const { gate } = gateThat({});
    const signal = new AbortController().signal;
    const application = { metadata: { namespace: "argocd", name: "web" }, spec: { destination: {} } };
    const deps = {
      gate,
      now: () => NOW,
      rolloutWindowMs: HOUR,
      workloads: [],
      ownDigests: [],
      otherClusters: "enforce",
      thisCluster: [],
    };
    const judged = await judgeSync(
      { application, argoCd: {}, declared: { manifests: [rollout("web"), hook(MIGRATE)] } } as never,
      {
        deps: deps as never,
        read: (request) => readTarget(request, deps, signal),
        faultMode: () => "enforce",
        signal,
      },
    );
    expect(judged.report).toMatchObject({
      decision: "allowed",
      reason: expect.stringMatching(/^1 image\(s\) checked; Rollout "web": the Rollout takes/),
    });
  });
});

describe("the mode of a target's namespaces", () => {
  it.each<[now: Mode | undefined, asked: string | undefined, mode: Mode]>([
    [undefined, undefined, "off"],
    [undefined, "enforce", "enforce"],
    ["advisory", undefined, "advisory"],
    ["advisory", "enforce", "enforce"],
    ["enforce", "off", "enforce"],
    ["off", "Enforce!", "enforce"],
  ])("now %s, asked for %s: %s", (now, asked, mode) => {
    const manifests = asked === undefined ? [] : [namespaceIn(asked)];
    const scope = { namespace: "shop", workloads: [], ownDigests: [] };
    const { namespaces } = targetOf(manifests, scope);
    expect(targetModes(namespaces, { modeOf: () => now, defaultMode: "off" })("shop")).toBe(mode);
  });

  it("counts the labels that Argo CD gives to the namespace that it makes", () => {
    const managed = { namespace: "shop", labels: { "mc-gate.dev/mode": "advisory" } };
    const modeOf = targetModes([], { modeOf: () => undefined, defaultMode: "off", managed });
    expect([modeOf("shop"), modeOf("other")]).toEqual(["advisory", "off"]);
  });
});

const MISSING = "signature/missing";

/** A gate that refuses by image, finds faults by image, and counts what it was asked. */
function gateThat(says: Readonly<Record<string, "finding" | "fault" | "waived">>) {
  const asked: GateRequest[] = [];
  const admit = (request: GateRequest): Verdict => {
    asked.push(request);
    const { subjects } = request;
    const mode = request.mode();
    const objections = subjects.flatMap((subject) => objectionOn(subject, says[subject.image]));
    const waived = subjects
      .filter(({ image }) => says[image] === "waived")
      .map((subject) => ({
        finding: { kind: "finding", code: MISSING, subject, message: "no signature" } as const,
        waiver: { id: "W-1", owners: ["ana"], until: new Date(NOW.getTime() + 2 * HOUR), leftMs: 2 * HOUR },
      }));
    const judged = subjects.map(({ image }) => ({ image, rules: [], proofs: [] }));
    const refused = mode === "enforce" ? "deny" : "warn";
    return { decision: objections.length > 0 ? refused : "allow", mode, objections, waived, judged };
  };
  const admitAll: JointGate["admitAll"] = (requests) => Promise.resolve(requests.map(admit));
  return { gate: { admitAll }, asked };
}

function objectionOn(subject: Subject, what: string | undefined): Verdict["objections"] {
  if (what === "finding") return [{ kind: "finding", code: MISSING, subject, message: "no signature" }];
  return what === "fault"
    ? [{ kind: "fault", code: "registry/unavailable", subject, message: "no answer" }]
    : [];
}

async function report(
  manifests: readonly string[],
  says: Parameters<typeof gateThat>[0],
  mode: Mode = "enforce",
) {
  const { gate, asked } = gateThat(says);
  const signal = new AbortController().signal;
  const verdicts = await judgeTarget(groupsOf(manifests), { gate, modeOf: () => mode, signal });
  return { asked, ...reportOn(verdicts, { now: NOW, rolloutWindowMs: 4 * HOUR }) };
}

describe("the report on a target", () => {
  const target = [workload("apps", "Deployment", DEPLOYMENT), hook(MIGRATE)];

  it.each([
    ["nothing stands against it", {}, "allowed", 0],
    ["an image is refused", { [MIGRATE]: "finding" }, "refused", 10],
    ["an image could not be checked", { [MIGRATE]: "fault" }, "unknown", 11],
    ["both", { [MIGRATE]: "fault", [APP]: "finding" }, "refused", 10],
  ] as const)("%s", async (_, says, decision, exitCode) => {
    expect(await report(target, says)).toMatchObject({ decision, exitCode });
  });

  it("names image, place, code and fix first, the refused images before the others", async () => {
    const { reason, images } = await report(target, { [MIGRATE]: "finding" });
    expect(reason).toContain(MIGRATE.slice(0, MIGRATE.indexOf(":") + 13));
    expect(reason).toContain('Job "hook", container "c0"');
    expect(reason).toContain("[signature/missing]\nDo: Sign the digest");
    expect(images.map(({ image, decision, codes }) => [image, decision, codes])).toEqual([
      [MIGRATE, "deny", [MISSING]],
      [APP, "allow", []],
    ]);
  });

  it("lets an advisory namespace go on with a warning, and says nothing of one whose mode is off", async () => {
    const advisory = await report(target, { [APP]: "finding" }, "advisory");
    expect(advisory).toMatchObject({ decision: "allowed", exitCode: 0 });
    expect(advisory.warnings[0]).toContain("advisory: ");
    const off = await report(target, { [APP]: "finding" }, "off");
    expect([off.decision, off.images, off.warnings]).toEqual(["allowed", [], []]);
  });

  it("warns of a waiver that ends within the rollout, with owner and end", async () => {
    const { decision, warnings } = await report(target, { [APP]: "waived" });
    expect(decision).toBe("allowed");
    expect(warnings).toEqual([
      `waiver W-1 ends at 2026-11-24T11:00:00Z (in 2h), within the rollout: owner ana, ${MISSING} of ${APP}`,
    ]);
  });
});
