import * as fc from "fast-check";

import { type Attachments, type Digest, digestOf, Fault, splitDigest } from "../../../src/core/index.ts";
import { collectAttachments } from "../../../src/registry/attachments/attachments.ts";
import { type PlaceName, PLACES } from "../../../src/registry/attachments/places.ts";
import { listChildren } from "../../../src/registry/children.ts";
import { type Content, createContent } from "../../../src/registry/content.ts";
import { createDocumentReader } from "../../../src/registry/documents.ts";
import { RegistryLimits } from "../../../src/registry/settings.ts";
import type { Source } from "../../../src/registry/source.ts";
import { writtenJson } from "../generate/json-texts.ts";
import { mutatedValues } from "../generate/mutated-values.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const SUBJECT = digestOf("an image");
const OCI = "application/vnd.oci.image";
const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
const SIMPLE = "application/vnd.dev.cosign.simplesigning.v1+json";
const BLOB = '{"mediaType":"a bundle"}';
const LIMITS = RegistryLimits.parse({});
/** A call reads five documents, each of which the gate reads in a thread of its own where it is large. */
const LIMIT_MS = 5 * 50;

/** What a registry holds, each document with the digest that it really has unless a change says otherwise. */
interface Held {
  readonly index: string;
  readonly referrer: string;
  readonly legacy: string;
  readonly link: string | undefined;
  /** Places that are asked alone at first. */
  readonly usual: readonly PlaceName[];
}

interface Answers {
  readonly attachments: Attachments | Fault;
  readonly children: readonly Digest[] | undefined | Fault;
}

/** Manifests, indexes and lists of referrers: a Fault, or attachments within the limits whose bytes have their digest. */
export function open(): AnyTarget {
  return target<Held, Promise<Answers>>({
    inputs: held(),
    limitMs: LIMIT_MS,
    call: async (given) => {
      const content = contentOf(given);
      const signal = new AbortController().signal;
      const task = { content, read: createDocumentReader("", undefined), limits: LIMITS, signal };
      const wanted = { wantsPredicate: () => true, likelyLocations: given.usual.length > 0 };
      const places = { usual: given.usual, held: () => undefined };
      return {
        attachments: await faultOr(collectAttachments({ ...task, ...places, subject: SUBJECT, wanted })),
        children: await faultOr(listChildren(SUBJECT, task)),
      };
    },
    check: ({ attachments, children }) => {
      if (!(attachments instanceof Fault)) checkAttachments(attachments);
      if (Array.isArray(children)) hold(children.length <= LIMITS.children, "it lists too many children");
    },
  });
}

function held(): fc.Arbitrary<Held> {
  const layer = descriptor(BUNDLE, BLOB, {
    "dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1",
  });
  const legacyLayer = descriptor(SIMPLE, BLOB, { "dev.cosignproject.cosign/signature": "AA==" });
  const link = fc.option(
    fc.constantFrom('</v2/a/referrers/x?n=2>; rel="next"', "<https://evil.example/>; rel=next", "<>;;"),
    {
      freq: 8,
      nil: undefined,
    },
  );
  return fc
    .record({
      referrer: writtenJson(mutatedValues([manifest([layer], BUNDLE)], 3)),
      legacy: writtenJson(mutatedValues([manifest([legacyLayer])], 3)),
      link,
      usual: fc.subarray([...PLACES]),
    })
    .chain((rest) => {
      const entries = [
        descriptor(`${OCI}.manifest.v1+json`, rest.referrer),
        descriptor(`${OCI}.index.v1+json`, rest.legacy),
      ];
      const index = { schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests: entries };
      return writtenJson(mutatedValues([index], 3)).map((text) => ({ ...rest, index: text }));
    });
}

function manifest(layers: readonly unknown[], artifactType?: string): unknown {
  const config = descriptor("application/vnd.oci.empty.v1+json", "{}");
  return { schemaVersion: 2, mediaType: `${OCI}.manifest.v1+json`, artifactType, config, layers };
}

function descriptor(
  mediaType: string,
  bytes: string,
  annotations?: Readonly<Record<string, string>>,
): unknown {
  return { mediaType, digest: digestOf(bytes), size: Buffer.byteLength(bytes), annotations };
}

/** The subject is an index here, so that its children are looked for, too; that its bytes are others is not looked at. */
function contentOf({ index, referrer, legacy, link }: Held): Content {
  const stored = new Map<string, string>(
    [referrer, legacy, BLOB, "{}"].map((text) => [digestOf(text), text]),
  );
  const find = (path: string): string | undefined => {
    const name = path.split("/").at(-1)!;
    if (path.startsWith("referrers/") || name.startsWith("x?")) return index;
    if (name.endsWith(".sig") || name.endsWith(".att")) return legacy;
    return name.startsWith("sha256-") ? index : stored.get(name);
  };
  const registry = "registry.example";
  const url = new URL(`https://${registry}/v2/a/`);
  const source: Source = {
    endpoint: { registry, origin: url, prefix: "" },
    read: ({ path, algorithm }) => {
      const text = find(path);
      const headers = link === undefined || !path.includes("referrers") ? {} : { link };
      const status = text === undefined ? 404 : 200;
      const body = Buffer.from(text ?? "");
      const digest = algorithm && digestOf(body, algorithm);
      return Promise.resolve({ status, headers, body, digest, url });
    },
  };
  const content = createContent(source, [], { isUsable: () => true, failed: () => undefined });
  return {
    ...content,
    pinned: (kind, digest, ask) =>
      digest === SUBJECT ? Promise.resolve(Buffer.from(index)) : content.pinned(kind, digest, ask),
  };
}

function checkAttachments(attachments: Attachments): void {
  const { found, skipped, gaps, rest, subject, isPartial, searched } = attachments;
  const isExcused = found.length > 0 || gaps.length > 0 || searched.length >= PLACES.length - 1;
  hold(isPartial !== true || isExcused, "nothing was found, and not every place looked at");
  hold(gaps.length <= 64, "it has too many gaps");
  hold(rest === undefined, "what is small comes in batches");
  hold(subject === SUBJECT, "it is about another subject");
  hold(found.length <= LIMITS.attachments && skipped.length <= 64, "it holds too much");
  const isWhole = found.every(
    ({ digest, bytes }) => digestOf(bytes, splitDigest(digest).algorithm) === digest,
  );
  hold(isWhole, "bytes do not have their digest");
  const texts = found.flatMap(({ annotations }) => Object.values(annotations));
  hold(
    texts.every((each) => typeof each === "string"),
    "an annotation is no text",
  );
}

async function faultOr<T>(work: Promise<T>): Promise<T | Fault> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Fault && error.code !== "internal/unexpected") return error;
    throw error;
  }
}
