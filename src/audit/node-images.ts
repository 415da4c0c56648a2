import { z } from "zod";

import { type Digest, parseDigest, printable } from "../core/index.ts";
import { attemptIn, unreadable } from "./gaps.ts";
import type { AuditCluster, AuditGap } from "./ports.ts";
import type { RunningUnit } from "./running.ts";

/** What a node lists where its kubelet says nothing else. Source: KubeletConfiguration v1beta1, nodeStatusMaxImages. */
const LISTED_BY_DEFAULT = 50;
/** Images that are held, and names of each. */
const MAX_IMAGES = 20_000;
const MAX_NAMES = 4;

const Node = z.object({
  metadata: z.object({ name: z.string() }),
  status: z
    .object({ images: z.array(z.object({ names: z.array(z.string()).nullish() })).nullish() })
    .nullish(),
});

/** An image that lies on nodes and that no pod of now runs or names. */
export interface NodeImage {
  readonly digest: Digest;
  readonly names: readonly string[];
  readonly nodes: number;
  /** By the revocations given. */
  readonly isRevoked: boolean;
}

/** What nodes list. */
export interface NodeImages {
  /** Pulled past admission, or left by pods that are gone: which of the two is not known. */
  readonly unaccounted: readonly NodeImage[];
  readonly nodes: number;
  /** Nodes that may have more than they list. */
  readonly partly: number;
  readonly gaps: readonly AuditGap[];
}

interface Options {
  readonly cluster: AuditCluster;
  readonly units: readonly RunningUnit[];
  readonly isRevoked: (digest: Digest) => boolean;
  readonly signal: AbortSignal;
}

/** The images on all nodes that no unit accounts for. Rejects where the signal aborts. */
export async function readNodeImages({ cluster, units, isRevoked, signal }: Options): Promise<NodeImages> {
  const gaps: AuditGap[] = [];
  const found = new Map<Digest, { names: readonly string[]; nodes: number }>();
  const counts = { nodes: 0, partly: 0, left: 0 };
  const known = accountedFor(units);
  await attemptIn({ cluster, signal, gaps })("Node", () =>
    cluster.nodes((value) => {
      try {
        const images = Node.parse(value).status?.images ?? [];
        counts.nodes += 1;
        if (images.length >= LISTED_BY_DEFAULT) counts.partly += 1;
        for (const { names } of images) addImage(found, names ?? [], { known, counts });
      } catch (error) {
        gaps.push(unreadable("Node", error));
      }
    }),
  );
  if (counts.left > 0) {
    const why = `${MAX_IMAGES} are held, and ${counts.left} more were seen`;
    gaps.push({ what: "images on nodes", why, code: "limits/exceeded" });
  }
  const unaccounted = [...found]
    .map(([digest, each]) => ({ digest, ...each, isRevoked: isRevoked(digest) }))
    .toSorted((one, other) => Number(other.isRevoked) - Number(one.isRevoked) || other.nodes - one.nodes);
  return { unaccounted, nodes: counts.nodes, partly: counts.partly, gaps };
}

function accountedFor(units: readonly RunningUnit[]): ReadonlySet<string> {
  return new Set(
    units.flatMap(({ image: { running, named } }) => [...(running === undefined ? [] : [running]), named]),
  );
}

interface Adding {
  readonly known: ReadonlySet<string>;
  readonly counts: { left: number };
}

function addImage(
  found: Map<Digest, { names: readonly string[]; nodes: number }>,
  names: readonly string[],
  { known, counts }: Adding,
): void {
  const digests = names.flatMap((name) => parseDigest(name.slice(name.lastIndexOf("@") + 1)) ?? []);
  const [digest] = digests;
  if (digest === undefined || [...digests, ...names].some((each) => known.has(each))) return;
  const before = found.get(digest);
  if (before === undefined && found.size >= MAX_IMAGES) {
    counts.left += 1;
    return;
  }
  const shown = names.slice(0, MAX_NAMES).map((name) => printable(name, 300));
  found.set(digest, { names: before?.names ?? shown, nodes: (before?.nodes ?? 0) + 1 });
}
