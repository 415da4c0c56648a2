import { isPinned, parseImageRef } from "../../core/index.ts";
import { runningContainers } from "../running-pods.ts";
import { manifestFiles, targetsIn } from "../verify/targets.ts";

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
  /** Digests that stand for it: its own, and what nodes say that they run. */
  readonly digests: readonly string[];
  readonly places: readonly Place[];
}

/** Where images are looked for. */
export interface PlaceOptions {
  readonly workloads?: string;
  readonly filename: readonly string[];
  readonly namespace: string;
}

interface Use extends Place {
  readonly image: string;
  readonly namespace: string;
  readonly running?: string;
}

/** Every image of the arguments, the running pods and the manifests. Throws UsageError. */
export function usedImages(images: readonly string[], options: PlaceOptions): Used[] {
  const uses = [
    ...images.map((image): Use => ({
      image,
      namespace: options.namespace,
      kind: "argument",
      text: "argument",
    })),
    ...(options.workloads === undefined ? [] : runningContainers(options.workloads).map(inPod)),
    ...manifestFiles(options.filename)
      .flatMap(targetsIn)
      .map(({ image, file, line, place }): Use => {
        const text = `${file ?? "-"}:${line ?? 1} ${place}`;
        return { image, namespace: options.namespace, kind: "promotion", text };
      }),
  ];
  const grouped = Map.groupBy(uses, ({ image, namespace }) => `${namespace} ${image}`);
  return [...grouped.values()].map((same) => ({
    image: same[0]!.image,
    namespace: same[0]!.namespace,
    digests: [...new Set(same.flatMap(({ image, running }) => [...digestOf(image), running ?? []].flat()))],
    places: same.map(({ kind, text }) => ({ kind, text })),
  }));
}

function inPod(each: ReturnType<typeof runningContainers>[number]): Use {
  const { image, namespace, pod, container, running } = each;
  const text = `${namespace}/${pod} (${container})`;
  return { image, namespace, kind: "pod", text, ...(running !== undefined && { running }) };
}

function digestOf(image: string): string[] {
  const parsed = parseImageRef(image);
  return parsed.ok && isPinned(parsed.ref) ? [parsed.ref.digest] : [];
}
