import { Fault, type JsonBounds, jsonExcess } from "../core/index.ts";
import { checkpointAnnotation } from "./attachments/checkpoints.ts";
import { type DescribedDocument, describeDocument } from "./catalog/describe.ts";
import { type Entries, Index, isManifest, Manifest, readDescriptors } from "./descriptors.ts";
import { readUnambiguous } from "./unambiguous.ts";

/**
 * What manifests, indexes and lists hold at most. Those that registries keep have some thousand values, and no key with an
 * escape; a page of 4 MiB that lists nothing but referrers has about 100,000.
 */
const BOUNDS: JsonBounds = { depth: 100, values: 200_000, escapedKeys: 1000 };
/** Bytes of a document up to which it is read where it was fetched, and is within the bounds whatever it holds. */
const SMALL = 16 * 1024;

/** What a list of referrers is not. */
export const NOT_A_LIST = "its list is not an image index";

/** What the gate reads of a manifest that may hold evidence. */
export interface EvidenceManifest extends Pick<Manifest, "artifactType" | "config" | "annotations"> {
  readonly layers: Entries;
}

/** What the gate reads of an index or a manifest. */
export interface ImageDocument {
  /** What an index lists; undefined of a manifest. */
  readonly entries: Entries | undefined;
  /** The annotation by which it is a checkpoint; undefined where it is none. */
  readonly checkpoint: string | undefined;
}

/**
 * Readers of what registries keep, by what it is taken for. Each gives plain values that can be copied between threads:
 * at most the last `most` entries, and of those what the gate reads. They throw faults.
 */
const READERS = {
  /** A list of referrers. */
  referrers: (bytes: Uint8Array, most: number): Entries => {
    const index = Index.safeParse(readUnambiguous(bytes)).data;
    if (index === undefined) throw new Fault("registry/invalid", NOT_A_LIST);
    return readDescriptors(index.manifests, most);
  },
  /** A manifest that may hold evidence; undefined where it is something else. */
  evidence: (bytes: Uint8Array, most: number): EvidenceManifest | undefined => {
    const manifest = Manifest.safeParse(readUnambiguous(bytes)).data;
    if (manifest === undefined) return undefined;
    const { artifactType, config, annotations, layers } = manifest;
    return { artifactType, config, annotations, layers: readDescriptors(layers, most) };
  },
  /** What an image is made of. */
  image: (bytes: Uint8Array, most: number): ImageDocument => {
    const document = readUnambiguous(bytes);
    const checkpoint = checkpointAnnotation(document);
    if (isManifest(document)) return { checkpoint, entries: undefined };
    const index = Index.safeParse(document).data;
    if (index === undefined)
      throw new Fault("registry/invalid", "the image, or what it lists, is neither a manifest nor an index");
    return { checkpoint, entries: readDescriptors(index.manifests, most) };
  },
  /** What an inventory says of it. */
  described: (bytes: Uint8Array, most: number): DescribedDocument =>
    describeDocument(readUnambiguous(bytes), most),
  /** Whether it is anything that a tag may lead to. */
  tagged: (bytes: Uint8Array, _most: number): boolean => {
    const document = readUnambiguous(bytes);
    return isManifest(document) || Index.safeParse(document).success;
  },
};

/** What a document is taken for. */
export type DocumentKind = keyof typeof READERS;
/** What is read of a document of this kind. */
export type DocumentContent<Kind extends DocumentKind> = ReturnType<(typeof READERS)[Kind]>;

/**
 * Reads a document. Throws Fault limits/exceeded where it holds more than is read, and what the reader of its kind throws.
 */
export function readDocument<Kind extends DocumentKind>(
  kind: Kind,
  bytes: Uint8Array,
  most: number,
): DocumentContent<Kind> {
  if (bytes.length > SMALL) {
    const { buffer, byteOffset, length } = bytes;
    // Brackets and quotes are the same bytes in UTF-8.
    const excess = jsonExcess(Buffer.from(buffer, byteOffset, length).toString("latin1"), BOUNDS);
    if (excess !== undefined)
      throw new Fault("limits/exceeded", `a manifest or list is not read: it has ${excess}`);
  }
  return READERS[kind](bytes, most) as DocumentContent<Kind>;
}

/** Reads a document in another thread, as `readDocument` does. `share` is whose share of that thread it takes. */
export type ReadElsewhere = (
  share: string,
  ...input: Parameters<typeof readDocument>
) => Promise<ReturnType<typeof readDocument>>;

/** Reads a document wherever it keeps no one else waiting. Rejects as `readDocument` throws. */
export type ReadDocument = <Kind extends DocumentKind>(
  kind: Kind,
  bytes: Uint8Array,
  most: number,
) => Promise<DocumentContent<Kind>>;

/** A reader that hands what is not small to `elsewhere`; it reads all of it itself where that is absent. */
export function createDocumentReader(share: string, elsewhere: ReadElsewhere | undefined): ReadDocument {
  return async (kind, bytes, most) => {
    if (elsewhere === undefined || bytes.length <= SMALL) return readDocument(kind, bytes, most);
    return (await elsewhere(share, kind, bytes, most)) as DocumentContent<typeof kind>;
  };
}
