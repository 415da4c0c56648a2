import { isDeepStrictEqual } from "node:util";

import { Fault } from "../../core/index.ts";
import { type Application, readApplication } from "../application.ts";
import type { ArgoCd, ArgoCdReplica } from "../ports.ts";
import { asksForNewest, isNewest, type RenderedTarget, renderedParts } from "./wanted-target.ts";

/** Argo CD's own writes of the status count as changes; what it has rendered once, it renders again at once. */
const MAX_RENDERS = 3;

/** Which Application is rendered, and from what. */
export interface RenderRequest {
  readonly argoCd: ArgoCd;
  readonly application: Application;
  readonly wanted: RenderedTarget;
}

/**
 * The manifests of an Application, each a JSON text. Argo CD renders the Application that it has cached: they count only
 * where this is the one that is asked about, before and after, with no change between. Throws Fault target/changing and target/unavailable.
 */
export function renderedManifests(
  { argoCd, ...request }: RenderRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { application, wanted } = request;
  return argoCd.connected(async (replica) => {
    let before = await cachedAs(request, replica, signal);
    for (let left = MAX_RENDERS; left > 0; left -= 1) {
      const manifests = await replica.manifests(application.metadata, wanted, signal);
      const after = await cachedAs(request, replica, signal);
      if (after === before) return manifests;
      before = after;
    }
    throw new Fault("target/changing", "the Application keeps changing while it is rendered");
  });
}

/** The generation in which the Application is cached. Throws where its spec is another than the one that is asked about. */
async function cachedAs(
  { application: { metadata, spec }, wanted }: Omit<RenderRequest, "argoCd">,
  replica: ArgoCdReplica,
  signal: AbortSignal,
): Promise<number> {
  const found = await replica.cached(metadata, signal);
  if (found === undefined) throw new Fault("target/unavailable", "Argo CD does not know the Application");
  const { metadata: known, spec: cached } = readApplication(found);
  const { name, namespace, generation } = known;
  if (name !== metadata.name || namespace !== metadata.namespace || generation === undefined)
    throw new Fault(
      "target/unavailable",
      "Argo CD's answer is about another Application, or has no generation",
    );
  const rendersAnother = asksForNewest(wanted) && !isNewest(cached);
  if (rendersAnother || !isDeepStrictEqual(renderedParts(cached), renderedParts(spec)))
    throw new Fault("target/changing", "Argo CD renders another spec of the Application than this sync's");
  return generation;
}
