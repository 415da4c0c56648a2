export {
  canHoldPodSpec,
  isBuiltIn,
  type ObjectType,
  type WorkloadPath,
  workloadPath,
  WORKLOADS,
} from "./kinds.ts";
export {
  type FoundObjects,
  type KubeObject,
  MAX_OBJECTS,
  objectsIn,
  tooManyObjects,
  type Unreadable,
} from "./objects.ts";
export { type LocatedImage, podImages, type PodImages } from "./pod-images.ts";
export { TEMPLATE_KINDS, type TemplateKind } from "./resources.ts";
export { runningPod, type RunningImage, type RunningPod } from "./running-pod.ts";
