import type { DockerAuth } from "../../core/index.ts";

/** Credentials one after the other, no one's last. */
export interface CandidateQueue {
  /** Whether one has been taken. */
  readonly started: () => boolean;
  /** The next one, or undefined where all have had their turn. Rejects, each time, once a source has failed. */
  readonly next: () => Promise<Candidate | undefined>;
  /** Where the credentials come from that have been taken from the source. */
  readonly credentials: () => readonly string[];
  /** Puts the last one back. */
  readonly again: () => void;
  /** Puts all of them back. */
  readonly restart: () => void;
}

/** A credential, or undefined for no one's. */
interface Candidate {
  readonly credential: DockerAuth | undefined;
}

/** A queue over `source`, which is asked for one credential at a time, and only when it is needed. */
export function createQueue(source: () => AsyncIterable<DockerAuth>): CandidateQueue {
  const known: Candidate[] = [];
  const rest = withNobody(source);
  let taken = 0;
  let failure: { readonly error: unknown } | undefined;

  async function take(): Promise<Candidate | undefined> {
    if (failure !== undefined) throw failure.error;
    try {
      const { value, done } = await rest.next();
      if (done !== true) known.push(value);
    } catch (error) {
      failure = { error };
      throw error;
    }
    return known[taken];
  }

  return {
    started: () => taken > 0,
    credentials: () =>
      known.flatMap(({ credential }) => (credential === undefined ? [] : [credential.from ?? "the gate"])),
    async next() {
      const candidate = known[taken] ?? (await take());
      if (candidate !== undefined) taken += 1;
      return candidate;
    },
    again() {
      taken = Math.max(0, taken - 1);
    },
    restart() {
      taken = 0;
    },
  };
}

async function* withNobody(source: () => AsyncIterable<DockerAuth>): AsyncGenerator<Candidate, undefined> {
  for await (const credential of source()) yield { credential };
  yield { credential: undefined };
  return undefined;
}
