import {
  type AttachmentBatch,
  type Attachments,
  Fault,
  type Gap,
  gapFault,
  mergeGaps,
  type UnreadCredentials,
} from "../../core/index.ts";

/** Which credentials could not be tried for a repository, at a registry that asked for some. */
export interface CredentialGaps {
  readonly note: (unread: UnreadCredentials) => void;
  /** Each noted so far, once. */
  readonly all: () => readonly Gap[];
}

/** No gaps yet. */
export function createCredentialGaps(registry: string): CredentialGaps {
  const noted = new Map<string, Gap>();
  return {
    note: ({ code, message: unread, advice }) => {
      const message = `${registry} asks for credentials, and ${unread}`;
      if (!noted.has(message))
        noted.set(message, { code, message, about: "place", count: 1, ...(advice && { advice }) });
    },
    all: () => [...noted.values()],
  };
}

/**
 * Attachments, and that their registry may show others to who has the credentials. These gaps come first, so that they
 * are none of those that are merged where there are many.
 */
export function withCredentialGaps(attachments: Attachments, { all }: CredentialGaps): Attachments {
  const { gaps, rest } = attachments;
  return {
    ...attachments,
    gaps: mergeGaps([...all(), ...gaps]),
    ...(rest && { rest: batchesWith(rest, all) }),
  };
}

/** Credentials may be asked for as late as with the last of the blobs. */
async function* batchesWith(
  rest: AsyncIterable<AttachmentBatch>,
  all: CredentialGaps["all"],
): AsyncGenerator<AttachmentBatch> {
  let said = all().length;
  for await (const batch of rest) {
    const fresh = all().slice(said);
    said += fresh.length;
    yield { ...batch, gaps: mergeGaps([...fresh, ...batch.gaps]) };
  }
}

/**
 * What a registry answers. Throws the fault of a gap where the registry may answer otherwise to who has the credentials:
 * where it refuses, and where its answer is not the same for all.
 */
export async function sureAnswer<T>(
  asking: Promise<T>,
  { all }: CredentialGaps,
  isSameForAll: (answer: T) => boolean,
): Promise<T> {
  const answer = await asking.catch((error: unknown) => {
    const [gap] = all();
    const isRefused = error instanceof Fault && error.code === "registry/forbidden";
    throw gap !== undefined && isRefused
      ? gapFault({ ...gap, message: `${gap.message}; ${error.message}` })
      : error;
  });
  const [gap] = all();
  if (gap === undefined || isSameForAll(answer)) return answer;
  throw gapFault(gap);
}
