import { asFault } from "../../core/index.ts";
import { podImages, runningPod, TEMPLATE_KINDS, type TemplateKind } from "../../workloads/index.ts";
import type { ClusterGap, ClusterPort, NamedImage } from "./ports.ts";

/** What is read of a cluster. Failures of its functions are reported, and end nothing else. */
export interface ClusterObjects {
  readonly pods: (take: (pod: unknown) => void) => Promise<void>;
  readonly templates: (kind: TemplateKind, take: (object: unknown) => void) => Promise<void>;
  /** The code of a failure; undefined where it is not the cluster's. */
  readonly codeOf: (error: unknown) => "cluster/forbidden" | "cluster/unavailable" | undefined;
}

/** The images of every pod that has not ended, and of every template. */
export function clusterImages(objects: ClusterObjects): ClusterPort {
  return {
    async images(take) {
      const gaps: ClusterGap[] = [
        {
          what: "images that a custom resource names",
          why: "only Kubernetes' own kinds, Argo Rollouts and Knative Services are read; their pods are",
        },
      ];
      const attempt = async (what: string, list: () => Promise<void>): Promise<void> => {
        try {
          await list();
        } catch (error) {
          const code = objects.codeOf(error) ?? asFault(error).code;
          gaps.push({ what, why: asFault(error).message, code });
        }
      };
      const unread = (what: string, error: unknown): void => {
        gaps.push({ what, why: asFault(error).message, code: "review/invalid" });
      };
      await attempt("running pods", () => objects.pods((pod) => takePod(pod, take, unread)));
      for (const kind of TEMPLATE_KINDS)
        await attempt(`${kind.kind} objects`, () =>
          objects.templates(kind, (object) => takeTemplate(object, kind, { take, unread })),
        );
      return gaps;
    },
  };
}

type Take = (image: NamedImage) => void;
type Unread = (what: string, error: unknown) => void;

function takePod(value: unknown, take: Take, unread: Unread): void {
  try {
    const { namespace, name, images } = runningPod(value);
    for (const { image, place, running } of images)
      take({
        image,
        place: `Pod ${namespace}/${name}: ${place}`,
        isPod: true,
        ...(running !== undefined && { running }),
      });
  } catch (error) {
    unread(`Pod ${nameIn(value)}`, error);
  }
}

function takeTemplate(
  value: unknown,
  kind: TemplateKind,
  { take, unread }: { take: Take; unread: Unread },
): void {
  const place = `${kind.kind} ${nameIn(value)}`;
  try {
    for (const { image, name } of podImages(value, kind).subjects)
      take({ image, place: `${place}: ${name}`, isPod: false });
  } catch (error) {
    unread(place, error);
  }
}

function nameIn(value: unknown): string {
  const { metadata = {} } = (value ?? {}) as { readonly metadata?: { namespace?: unknown; name?: unknown } };
  return `${String(metadata.namespace)}/${String(metadata.name)}`;
}
