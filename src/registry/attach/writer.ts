import {
  createTurnsByKey,
  Fault,
  formatImageRef,
  parseImageRef,
  type PinnedImage,
  type PullAccess,
  repositoryName,
} from "../../core/index.ts";
import { assemble, type RegistryContext, type RegistryDeps } from "../assemble.ts";
import { refuseUnread } from "../auth/keychain.ts";
import { createSession } from "../auth/session.ts";
import { createContent } from "../content.ts";
import { refuseOtherHosts, upstreamOf } from "../http/hosts.ts";
import { createTransport } from "../http/transport.ts";
import type { RegistrySettings } from "../settings.ts";
import { createSource } from "../source.ts";
import { ensureListed, type Place } from "./listing.ts";
import { type Artifact, pushArtifact, pushManifest, readSubject } from "./push.ts";
import type { WriteTask } from "./task.ts";

export type { Artifact } from "./push.ts";

/** What became of an attachment. */
export interface Attached {
  readonly digest: string;
  /** Where it was read back from. */
  readonly listedBy: Place;
}

/**
 * Attaches artifacts to images, and does nothing else to a registry. Failures are the Faults of the reading client; what was
 * written and cannot be read back is `registry/incomplete`.
 */
export interface RegistryWriter {
  /**
   * Pushes an artifact as a referrer, and has it listed: by the referrers API where the registry has one, else under the
   * fallback tag. Pushing the same artifact again changes nothing.
   */
  readonly attach: (
    image: PinnedImage,
    artifact: Artifact,
    access: PullAccess,
    signal: AbortSignal,
  ) => Promise<Attached>;
  /** Puts a tag on an image that the registry has. */
  readonly tag: (image: PinnedImage, tag: string, access: PullAccess, signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A writer for all registries. Reads the CA files named in the settings; throws where one cannot be read. */
export function createRegistryWriter(settings: RegistrySettings, deps: RegistryDeps = {}): RegistryWriter {
  const transport = createTransport(settings, deps);
  const context = assemble(settings, transport, deps);
  /** By subject: what writers of one process would drop of each other's is never written. */
  const inTurn = createTurnsByKey();
  return {
    attach: (image, artifact, access, signal) =>
      inTurn(formatImageRef(image), async () => {
        const task = open(image, { access, signal }, context);
        const pushed = await pushArtifact(artifact, task);
        const listedBy = await ensureListed(pushed, task);
        return { digest: pushed.descriptor.digest, listedBy };
      }),
    async tag(image, tag, access, signal) {
      if (!parseImageRef(`${repositoryName(image)}:${tag}`).ok)
        throw new Fault("registry/invalid", `"${tag}" cannot be a tag`);
      const task = open(image, { access, signal }, context);
      const { bytes, mediaType } = await readSubject(task);
      await pushManifest(tag, bytes, mediaType, task);
    },
    close: transport.close,
  };
}

function open(
  image: PinnedImage,
  { access, signal }: Pick<WriteTask, "signal"> & { readonly access: PullAccess },
  { settings, authorizer, keychain, exchange, healthOf }: RegistryContext,
): WriteTask {
  const { registry, repository } = image;
  refuseOtherHosts(registry, settings);
  const endpoint = upstreamOf(registry, settings);
  const session = createSession({
    endpoint,
    exchange,
    repository,
    authorizer,
    credentials: () =>
      keychain({
        endpoint,
        repository,
        access,
        exchange,
        ownWork: undefined,
        onUnread: refuseUnread,
        signal,
      }),
    actions: "pull,push",
  });
  const source = createSource({ endpoint, repository, session, exchange });
  return { image, source, content: createContent(source, [], healthOf("")), limits: settings.limits, signal };
}
