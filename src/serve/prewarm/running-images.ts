import { podImages } from "../../workloads/index.ts";

const POD = { group: "", kind: "Pod", path: ["spec"] };

/** Hands each running pod of a namespace to `take`. */
type EachPod = (take: (pod: unknown) => void, namespace: string) => Promise<void>;

/** Lists the images that the specs of a namespace's running pods name. Rejects where any of them cannot be read. */
export function createRunningImages(eachPod: EachPod): (namespace: string) => Promise<readonly string[]> {
  return async (namespace) => {
    const images = new Set<string>();
    await eachPod((pod) => {
      for (const { image } of podImages(pod, POD).subjects) images.add(image);
    }, namespace);
    return [...images];
  };
}
