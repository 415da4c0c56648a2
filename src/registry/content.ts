import { type Digest, digestOf, Fault, parseDigest, splitDigest } from "../core/index.ts";
import { INDEX_TYPES, MANIFEST_TYPES } from "./descriptors.ts";
import { statusFault, TooLong } from "./http/failures.ts";
import type { HttpAnswer } from "./http/http.ts";
import { nextPage, unreadable } from "./http/next-page.ts";
import type { MirrorHealth } from "./mirror-health.ts";
import type { Read, Source } from "./source.ts";

const MANIFEST_ACCEPT = [...INDEX_TYPES, ...MANIFEST_TYPES].join(", ");
const LIST_ACCEPT = "application/vnd.oci.image.index.v1+json";
const BLOB_ACCEPT = "application/octet-stream, */*";
/** A registry without the referrers API answers 404 by the specification; others are seen. */
const NO_API: readonly number[] = [400, 404, 405, 406, 501];

/** Where bytes are wanted from, and how many at most. */
interface Ask {
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** A manifest's bytes with the digest that they have. */
interface Found {
  readonly digest: Digest;
  readonly bytes: Buffer;
}

/** One page of a list of referrers. */
interface Page {
  readonly bytes: Buffer;
  /** Path with query of the next page. */
  readonly next: string | undefined;
}

/** What can be read of a repository. Undefined means that the registry says it has none; all else is a Fault. */
export interface Content {
  /** By tag, from the registry itself. */
  readonly tagged: (tag: string, ask: Ask) => Promise<Found | undefined>;
  /** A manifest or a blob, from a mirror or the registry; its bytes have the digest that is asked for. */
  readonly pinned: (kind: "manifests" | "blobs", digest: Digest, ask: Ask) => Promise<Buffer | undefined>;
  /** One page of the referrers API's answer; undefined where the registry has no such API. */
  readonly referrers: (subject: Digest, page: string | undefined, ask: Ask) => Promise<Page | undefined>;
}

/** A repository's content, `upstream` being the registry that the image names. */
export function createContent(upstream: Source, mirrors: readonly Source[], health: MirrorHealth): Content {
  return {
    async tagged(tag, ask) {
      const answer = await upstream.read({ ...ask, path: `manifests/${tag}`, accept: MANIFEST_ACCEPT });
      const bytes = bodyOf(answer);
      return bytes === undefined ? undefined : { digest: digestOfTagged(answer), bytes };
    },
    async pinned(kind, digest, ask) {
      const accept = kind === "manifests" ? MANIFEST_ACCEPT : BLOB_ACCEPT;
      const { algorithm } = splitDigest(digest);
      const read = { ...ask, path: `${kind}/${digest}`, accept, algorithm };
      for (const mirror of mirrors) {
        const bytes = await fromMirror(mirror, read, { digest, health });
        if (bytes !== undefined) return bytes;
      }
      return await readPinned(upstream, read, digest);
    },
    async referrers(subject, page, ask) {
      const answer = await upstream.read({
        ...ask,
        path: page ?? `referrers/${subject}`,
        accept: LIST_ACCEPT,
      });
      if (page === undefined && NO_API.includes(answer.status)) return undefined;
      const bytes = bodyOf(answer);
      if (bytes === undefined) throw statusFault(answer.url.host, answer.status);
      refuseFiltered(answer);
      return { bytes, next: nextPage(answer, "list of referrers") };
    },
  };
}

/** A mirror that fails, lies or has nothing is passed over: only the registry itself may say that there is none. */
async function fromMirror(
  mirror: Source,
  read: Read,
  { digest, health }: { digest: Digest; health: MirrorHealth },
): Promise<Buffer | undefined> {
  const name = mirror.endpoint.registry;
  if (!health.isUsable(name)) return undefined;
  try {
    return await readPinned(mirror, read, digest);
  } catch (error) {
    if (read.signal.aborted || !(error instanceof Fault)) throw error;
    if (!(error instanceof TooLong)) health.failed(name, error);
    return undefined;
  }
}

async function readPinned(source: Source, read: Read, digest: Digest): Promise<Buffer | undefined> {
  const answer = await source.read(read);
  const bytes = bodyOf(answer);
  if (bytes === undefined) return undefined;
  if (answer.digest === digest) return bytes;
  throw new Fault("registry/invalid", `${source.endpoint.registry} sent other bytes than those of ${digest}`);
}

function bodyOf({ status, body, url }: HttpAnswer): Buffer | undefined {
  if (status === 404) return undefined;
  if (status !== 200) throw statusFault(url.host, status);
  return body;
}

/** Recomputed; a registry that states another digest than its bytes have gives two answers for one tag. */
function digestOfTagged({ body, headers, url }: HttpAnswer): Digest {
  const header = headers["docker-content-digest"] ?? "";
  if (header === "") return digestOf(body);
  const declared = parseDigest(header);
  if (declared === undefined) throw unreadable(url, "a Docker-Content-Digest that cannot be read");
  if (digestOf(body, splitDigest(declared).algorithm) !== declared)
    throw new Fault("registry/invalid", `${url.host} states a digest other than its manifest's`);
  return digestOf(body);
}

/** Distribution-spec v1.1, "Listing Referrers": the header names the filters of a list. None is asked for here. */
function refuseFiltered({ headers, url }: HttpAnswer): void {
  if ((headers["oci-filters-applied"] ?? "").trim() !== "")
    throw unreadable(url, "a filtered list of referrers, which was not requested");
}
