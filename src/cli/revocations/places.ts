import { isPinned, parseImageRef } from "../../core/index.ts";
import type { RunningPod } from "../../workloads/index.ts";
import { podSpecPaths } from "../pod-spec-option.ts";
import { runningPods } from "../running-pods.ts";
import { type NotLookedAt, type Target, targetsUnder } from "../targets.ts";

/** Where one image is used. */
export interface Place {
  readonly kind: "argument" | "pod" | "promotion";
  /** `shop/web-1 (app)`, `environments/prod/web.yaml:12`. */
  readonly text: string;
}

/** One image in one namespace, with everything that uses it there. */
export interface Used {
  readonly image: string;
  readonly namespace: string;
  /** Digests that represent it: its own, and what nodes say that they run. */
  readonly digests: readonly string[];
  readonly places: readonly Place[];
}

/** Where images are looked for. */
export interface PlaceOptions {
  readonly workloads?: string;
  readonly filename: readonly string[];
  /** `GROUP/KIND=PATH` of custom kinds. */
  readonly podSpec: readonly string[];
  /** Of images, and of objects that name none. */
  readonly namespace: string;
}

/** The images that were found, and what was not checked. */
export interface UsedImages {
  readonly used: readonly Used[];
  readonly notLookedAt: readonly NotLookedAt[];
}

interface Use extends Place {
  readonly image: string;
  readonly namespace: string;
  readonly running?: string;
}

/** Every image of the arguments, the running pods and the manifests. Throws UsageError. */
export function usedImages(images: readonly string[], options: PlaceOptions): UsedImages {
  const { namespace, workloads, filename, podSpec } = options;
  const { targets, notLookedAt } = targetsUnder(filename, podSpecPaths(podSpec));
  const uses = [
    ...images.map((image): Use => ({ image, namespace, kind: "argument", text: "argument" })),
    ...(workloads === undefined ? [] : runningPods(workloads).flatMap(inPod)),
    ...targets.map((target) => inManifest(target, namespace)),
  ];
  const grouped = Map.groupBy(uses, (each) => `${each.namespace} ${each.image}`);
  const used = [...grouped.values()].map((same) => ({
    image: same[0]!.image,
    namespace: same[0]!.namespace,
    digests: [...new Set(same.flatMap(({ image, running }) => [...digestOf(image), running ?? []].flat()))],
    places: same.map(({ kind, text }) => ({ kind, text })),
  }));
  return { used, notLookedAt };
}

function inPod({ namespace, name, images }: RunningPod): Use[] {
  return images.map(({ image, place, running }) => ({
    image,
    namespace,
    kind: "pod",
    text: `${namespace}/${name} (${place})`,
    ...(running !== undefined && { running }),
  }));
}

function inManifest({ image, file, line, place, namespace }: Target, usual: string): Use {
  const text = `${file ?? "-"}:${line ?? 1} ${place}`;
  return { image, namespace: namespace ?? usual, kind: "promotion", text };
}

function digestOf(image: string): string[] {
  const parsed = parseImageRef(image);
  return parsed.ok && isPinned(parsed.ref) ? [parsed.ref.digest] : [];
}
