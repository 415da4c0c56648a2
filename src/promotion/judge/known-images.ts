import { createImageTable } from "../inventory/image-table.ts";
import type { ImageLine } from "../inventory/lines.ts";
import { type JudgedLine, type OlderLine, type State, STATES } from "./lines.ts";

type ImageName = Pick<ImageLine, "repository" | "digest">;

/** What is known of an image. */
export interface KnownImage {
  readonly state: State | "older";
  /** Places that run or name it; absent where no cluster was asked. */
  readonly running: number | undefined;
}

/** The states of images. */
export interface KnownImages {
  readonly get: (image: ImageName) => KnownImage | undefined;
  readonly set: (
    image: ImageName,
    line: Pick<JudgedLine, "kind" | "state" | "running"> | Pick<OlderLine, "kind">,
  ) => void;
  /** Changes nothing where the image is not known. */
  readonly setRunning: (image: ImageName, running: number | undefined) => void;
  /** How many are in each state. */
  readonly counts: () => Record<State | "older", number>;
}

const ALL = [...STATES, "older"] as const;

/** None yet. Each is one number: the state, and how often it runs, if that is known, plus one. */
export function createKnownImages(): KnownImages {
  const table = createImageTable();
  const put = (image: ImageName, at: number, running: number | undefined): void =>
    table.set(image, at + ALL.length * (running === undefined ? 0 : running + 1));
  return {
    get(image) {
      const value = table.get(image);
      if (value === undefined) return undefined;
      const uses = Math.floor(value / ALL.length);
      return { state: ALL[value % ALL.length]!, running: uses === 0 ? undefined : uses - 1 };
    },
    set(image, line) {
      if (line.kind === "older") put(image, ALL.length - 1, undefined);
      else put(image, ALL.indexOf(line.state), line.running);
    },
    setRunning(image, running) {
      const value = table.get(image);
      if (value !== undefined) put(image, value % ALL.length, running);
    },
    counts() {
      const counts = Object.fromEntries(ALL.map((state) => [state, 0])) as Record<State | "older", number>;
      for (const value of table.values()) counts[ALL[value % ALL.length]!] += 1;
      return counts;
    },
  };
}

/** Whether what is known of an image still holds; what was unknown is judged again, and what is older where it runs now. */
export function isSettled(known: KnownImage | undefined, running: number | undefined): known is KnownImage {
  if (known === undefined || known.state === "unknown") return false;
  return known.state !== "older" || (running ?? 0) === 0;
}
