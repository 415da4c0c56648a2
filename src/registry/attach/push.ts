import { type Digest, digestOf, Fault, readJson } from "../../core/index.ts";
import { INDEX_TYPES, MANIFEST_TYPES } from "../descriptors.ts";
import { statusFault } from "../http/failures.ts";
import type { HttpAnswer } from "../http/http.ts";
import type { WriteTask } from "./task.ts";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const EMPTY = "application/vnd.oci.empty.v1+json";
/** OCI image-spec v1.1, "Guidance for an Empty Descriptor". */
const EMPTY_BYTES = Buffer.from("{}");
const MAX_LOCATION = 8192;

/** Something to attach: one layer. */
export interface Artifact {
  readonly artifactType: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** Of its manifest. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** A content descriptor as it is written. */
export interface WrittenDescriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A manifest that was pushed. */
export interface Pushed {
  readonly descriptor: WrittenDescriptor;
  /** Whether the registry says, by `OCI-Subject`, that it lists it itself. */
  readonly isSubjectKnown: boolean;
}

/** Pushes an artifact's blobs, then its manifest, which names the image as its subject. */
export async function pushArtifact(artifact: Artifact, task: WriteTask): Promise<Pushed> {
  const { artifactType, mediaType, bytes, annotations } = artifact;
  const subject = await readSubject(task);
  const config = await pushBlob(EMPTY_BYTES, EMPTY, task);
  const layer = await pushBlob(bytes, mediaType, task);
  const { digest } = task.image;
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType,
    config,
    layers: [layer],
    subject: { mediaType: subject.mediaType, digest, size: subject.bytes.length },
    annotations,
  };
  const text = Buffer.from(JSON.stringify(manifest));
  const own = digestOf(text);
  const answer = await pushManifest(own, text, MANIFEST, task);
  return {
    descriptor: { mediaType: MANIFEST, digest: own, size: text.length, artifactType, annotations },
    isSubjectKnown: answer.headers["oci-subject"] === digest,
  };
}

/** The image's own manifest. Throws Fault `registry/incomplete` where the registry does not have it. */
export async function readSubject({
  image,
  content,
  limits,
  signal,
}: WriteTask): Promise<{ bytes: Buffer; mediaType: string }> {
  const bytes = await content.pinned("manifests", image.digest, { limit: limits.manifestBytes, signal });
  if (bytes === undefined)
    throw new Fault("registry/incomplete", `${image.registry} has no manifest ${image.digest}`);
  const { mediaType, manifests } = (readJson(bytes) ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof mediaType === "string" && [...INDEX_TYPES, ...MANIFEST_TYPES].includes(mediaType))
    return { bytes, mediaType };
  return { bytes, mediaType: Array.isArray(manifests) ? INDEX_TYPES[0]! : MANIFEST_TYPES[0]! };
}

/** Puts a manifest under a tag or its own digest. */
export async function pushManifest(
  reference: string,
  body: Uint8Array,
  mediaType: string,
  { source, signal }: WriteTask,
): Promise<HttpAnswer> {
  const headers = { "content-type": mediaType };
  const answer = await source.write({ method: "PUT", path: `manifests/${reference}`, headers, body, signal });
  if (answer.status !== 201) throw refused(answer);
  return answer;
}

/** Distribution-spec v1.1, "Pushing a blob monolithically": POST then PUT, unless the registry has it. */
async function pushBlob(bytes: Uint8Array, mediaType: string, task: WriteTask): Promise<WrittenDescriptor> {
  const { source, signal } = task;
  const digest = digestOf(bytes);
  const found = await source.write({ method: "HEAD", path: `blobs/${digest}`, headers: {}, signal });
  if (found.status !== 200) {
    if (found.status !== 404) throw refused(found);
    const begun = await source.write({ method: "POST", path: "blobs/uploads/", headers: {}, signal });
    if (begun.status !== 202) throw refused(begun);
    const path = uploadPath(begun, digest);
    const headers = { "content-type": "application/octet-stream" };
    const done = await source.write({ method: "PUT", path, headers, body: bytes, signal });
    if (done.status !== 201) throw refused(done);
  }
  return { mediaType, digest, size: bytes.length };
}

/** Where an upload continues: on the same host, since nothing else may see the credentials. */
function uploadPath({ headers, url }: HttpAnswer, digest: Digest): string {
  const location = headers["location"] ?? "";
  const next = location.length > MAX_LOCATION ? null : URL.parse(location, url.href);
  if (location === "" || next === null)
    throw new Fault("registry/invalid", `${url.host} accepts an upload without saying where`);
  if (next.host !== url.host)
    throw new Fault(
      "registry/forbidden",
      `${url.host} continues an upload on ${next.host}, which is not followed`,
    );
  next.searchParams.set("digest", digest);
  return `${next.pathname}${next.search}`;
}

/** A 404 to a write is none that a reader may take for "there is none". */
function refused({ url, status }: HttpAnswer): Fault {
  return statusFault(url.host, status);
}
